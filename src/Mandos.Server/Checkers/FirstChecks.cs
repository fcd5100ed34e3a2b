using Mandos.Core.Linux.Processes;
using Mandos.Server.Clients;
using Microsoft.Extensions.Logging.Abstractions;

namespace Mandos.Server.Checkers;

/// <summary>
/// Runs checkers once to find out whether they can succeed; otherwise each new client would be disabled some minutes later. Limited in
/// number, time and parallel runs.
/// </summary>
internal static class FirstChecks
{
    internal const int Most = 100;
    private const int AtOnce = 16;
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LongestOfAll = TimeSpan.FromSeconds(30);

    /// <summary>Tries the first of these clients; returns the failures.</summary>
    internal static async Task<IReadOnlyList<FirstCheck>> RunAsync(
        IReadOnlyList<ClientDefinition> clients, bool usesDBus, TimeProvider time)
    {
        var failing = new FailingChecks(keepsOutput: true);
        var runner = new CheckerRunner(time, NullLogger.Instance, failing);
        await using (runner.ConfigureAwait(false))
        {
            using var turn = new SemaphoreSlim(AtOnce);
            using var end = new CancellationTokenSource(LongestOfAll, time);
            var results = await Task.WhenAll(clients.Take(Most).Select((client, number) => TryAsync(client, number))).ConfigureAwait(false);
            return [.. results.OfType<FirstCheck>()];

            async Task<FirstCheck?> TryAsync(ClientDefinition client, int number)
            {
                // The problem is known already.
                if (
                    CheckerCommand.Expand(
                        ClientState.FirstSeen(client, Moment.Now(time)), usesDBus ? "/" : null).Command is not { } command)
                    return null;
                try
                {
                    await turn.WaitAsync(end.Token).ConfigureAwait(false);
                }
                catch (OperationCanceledException)
                {
                    return new(client.Name, null, []);
                }

                try
                {
                    return await CheckAsync(client.Name, new CheckerRun(number, command), end.Token).ConfigureAwait(false);
                }
                finally
                {
                    turn.Release();
                }
            }
        }

        async Task<FirstCheck?> CheckAsync(string client, CheckerRun run, CancellationToken ended)
        {
            var outcome = new TaskCompletionSource<ChildExit?>(TaskCreationOptions.RunContinuationsAsynchronously);
            runner.Start(client, run, outcome.SetResult);
            try
            {
                var exit = await outcome.Task.WaitAsync(Longest, time, ended).ConfigureAwait(false);
                return exit is { Success: true } ? null : Failed(client, failing.Find(client) ?? new(exit, ""));
            }
            catch (Exception e) when (e is TimeoutException or OperationCanceledException)
            {
                runner.Stop(run);
                return new(client, $"not finished within {Longest.TotalSeconds:0} s", []);
            }
        }
    }

    private static FirstCheck Failed(string client, FailedCheck check) =>
        check.Printed.Count > 1 ? new(client, $"{check.Exit}, it printed:", check.Printed) : new(client, check.ToString(), []);
}

/// <summary>A first check that did not succeed.</summary>
/// <param name="Client">The client's name.</param>
/// <param name="Reason">The reason; null if there was no time left to try the check.</param>
/// <param name="Printed">Further output to show below the reason, if there was more than one line.</param>
internal sealed record FirstCheck(string Client, string? Reason, IReadOnlyList<string> Printed);
