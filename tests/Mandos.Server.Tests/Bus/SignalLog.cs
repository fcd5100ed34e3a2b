using System.Text.RegularExpressions;
using Mandos.Bus.Connections;
using Mandos.Server.Bus.Interfaces;

namespace Mandos.Server.Tests.Bus;

/// <summary>All signals of the server, each as a line: path, interface, member, arguments; times are <c>TIME</c>.</summary>
internal sealed partial class SignalLog
{
    private readonly List<string> _lines = [];
    private readonly Lock _gate = new();

    internal static async Task<SignalLog> StartAsync(BusConnection connection)
    {
        var log = new SignalLog();
        var owner = await connection.FindOwnerAsync(Names.Server, TestContext.Current.CancellationToken);
        _ = await connection.MatchAsync(
            new() { Sender = owner },
            (signal, r) =>
            {
                var line = $"{signal.Path} {signal.Interface}.{signal.Member} {BusWords.Of(r)}".TrimEnd();
                lock (log._gate)
                    log._lines.Add(Time().Replace(line, "TIME"));
            },
            TestContext.Current.CancellationToken);
        return log;
    }

    /// <summary>What has come and was not used up.</summary>
    internal string[] Lines
    {
        get
        {
            lock (_gate)
                return [.. _lines];
        }
    }

    /// <summary>Waits for a line with this in it; all lines up to it, which are used up.</summary>
    internal async Task<string[]> UntilAsync(string wanted)
    {
        using var limit = new CancellationTokenSource(BusServer.Patience);
        while (true)
        {
            lock (_gate)
            {
                var at = _lines.FindIndex(l => l.Contains(wanted, StringComparison.Ordinal));
                if (at >= 0)
                {
                    var taken = _lines[..(at + 1)].ToArray();
                    _lines.RemoveRange(0, at + 1);
                    return taken;
                }
            }

            if (limit.IsCancellationRequested)
            {
                lock (_gate)
                    Assert.Fail($"no '{wanted}' in:\n{string.Join('\n', _lines)}");
            }

            await Task.Delay(5, CancellationToken.None);
        }
    }

    [GeneratedRegex(@"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}(?!\d)")]
    private static partial Regex Time();
}
