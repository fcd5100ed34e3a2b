using Mandos.Core.Linux;
using Mandos.Core.Text;
using Mandos.Server.Exit;

namespace Mandos.Server.SelfTest;

/// <summary>
/// <c>--check</c>: whether this program does on this machine what it was made for. It reads no configuration, opens no port,
/// and leaves nothing behind.
/// </summary>
internal static class SelfTestRun
{
    /// <summary>Longer than all of it takes on the slowest machine; what waits longer will wait forever.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    /// <summary>All parts, in the order in which they build on each other.</summary>
    internal static IReadOnlyList<SelfTestPart> Parts { get; } =
    [
        new("durations", DurationSelfTest.Run),
        new("configuration", ConfigurationSelfTest.Run),
        new("checkers", CheckerSelfTest.Run),
        new("keys", KeySelfTest.Run),
        new("clients", LifeSelfTest.Run),
        new("store", StoreSelfTest.Run),
        new("exchange", ExchangeSelfTest.RunAsync),
    ];

    /// <summary>Runs parts and prints a line about each; the result is the exit code.</summary>
    internal static async Task<int> RunAsync(IReadOnlyList<SelfTestPart> parts, TextWriter output)
    {
        var code = ExitCodes.Success;
        foreach (var part in parts)
        {
            var reason = await FailureAsync(part).ConfigureAwait(false);
            if (reason is not null)
                code = ExitCodes.Failure;
            await output.WriteLineAsync(
                reason is null ? $"ok    {part.Name}" : $"failed {part.Name}: {PrintableText.Of(reason)}").ConfigureAwait(false);
        }

        return code;
    }

    private static async Task<string?> FailureAsync(SelfTestPart part)
    {
        using var limit = new CancellationTokenSource(Limit);
        try
        {
            await part.RunAsync(limit.Token).ConfigureAwait(false);
            return null;
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            return $"not finished within {Limit.TotalSeconds:0} s";
        }
        catch (Exception e)
        {
            // An internal error of any kind is what this is to find.
            return SystemFailure.Reason(e);
        }
    }
}
