using System.Globalization;

namespace Mandos.Keygen.Hosting;

/// <summary>
/// Shows progress at a terminal, in one line that is overwritten; silent without a terminal.
/// </summary>
internal sealed class Notes(TextWriter error, bool watched, TimeProvider time)
{
    private const string ClearLine = "\r\u001b[K", Bold = "\u001b[1m", Plain = "\u001b[0m";

    /// <summary>Shows what is being done, and for how long, until it is done.</summary>
    public async Task<T> DuringAsync<T>(string what, Task<T> work)
    {
        if (!watched)
            return await work.ConfigureAwait(false);
        var start = time.GetTimestamp();
        try
        {
            while (!work.IsCompleted)
            {
                var seconds = time.GetElapsedTime(start).TotalSeconds;
                var elapsed = seconds < 1 ? "" : string.Create(CultureInfo.InvariantCulture, $" {seconds:0} s");
                error.Write($"{ClearLine}{what} ...{elapsed}");
                error.Flush();
                await Task.WhenAny(work, Task.Delay(TimeSpan.FromSeconds(1), time)).ConfigureAwait(false);
            }
        }
        finally
        {
            error.Write(ClearLine);
            error.Flush();
        }

        return await work.ConfigureAwait(false);
    }

    /// <summary>Prints the result and its consequences.</summary>
    public void Done(string result, params ReadOnlySpan<string> more)
    {
        if (!watched)
            return;
        error.WriteLine($"{Bold}{result}{Plain}");
        foreach (var line in more)
            error.WriteLine(line);
        error.Flush();
    }

    /// <summary>Prints information that is not an error.</summary>
    public void Tell(string text)
    {
        if (watched)
            error.WriteLine($"note: {text}");
    }
}
