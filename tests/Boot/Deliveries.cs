using System.Text.RegularExpressions;

namespace Mandos.Boot;

/// <summary>What a server tells of the passwords it gave and refused; both servers are understood.</summary>
internal static partial class Deliveries
{
    /// <summary>How often the guest got its password up to now.</summary>
    public static int Delivered(this Site site) => Sent().Count(site.ServerLog);

    /// <summary>How often it was refused.</summary>
    public static int Refused(this Site site) => Refusal().Count(site.ServerLog);

    /// <summary>Waits until <paramref name="count"/> is at least <paramref name="least"/>.</summary>
    public static async Task WaitAsync(this Site site, Func<Site, int> count, int least, TimeSpan limit)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (count(site) < least)
        {
            if (TimeProvider.System.GetElapsedTime(began) > limit)
                throw new TimeoutException($"the server did not say it {least} times within {limit.TotalSeconds} s:\n{site.ServerLog}");
            await Task.Delay(100, site.Laboratory.Token);
        }
    }

    [GeneratedRegex(@"INFO: Sending secret to guest|client \[guest\].*(secret delivered|secret sent)")]
    private static partial Regex Sent();

    [GeneratedRegex("Client is disabled|WARNING: Client not found|refused")]
    private static partial Regex Refusal();
}
