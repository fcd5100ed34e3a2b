using Mandos.Core.Linux;
using Mandos.Core.Text;
using Mandos.Server.Exit;

namespace Mandos.Server.SelfTest;

/// <summary>
/// <c>--check</c>: tests whether this program works on this machine. It reads no configuration, opens no port, and leaves nothing behind.
/// </summary>
internal static class SelfTestRun
{
    /// <summary>Longer than all parts take on the slowest machine; a part that takes longer hangs.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    /// <summary>All parts, in the order in which they depend on each other.</summary>
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

    /// <summary>Runs parts and prints a line about each; returns the exit code.</summary>
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
            // This test is meant to find internal errors of any kind.
            return SystemFailure.Reason(e);
        }
    }
}
