using System.Globalization;
using Mandos.Peers.Machines;

namespace Mandos.Peers.Programs;

/// <summary>Takes the line before TLS off, or puts it on, so that plain TLS programs can be either end of the exchange.</summary>
public static class GreetingRelay
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Waits for a Mandos client on <paramref name="port"/> and for a TLS client program on <paramref name="tlsPort"/>.
    /// With <paramref name="cutAfter"/> the Mandos client's connection ends, without a word of TLS, after that many bytes.
    /// </summary>
    public static async Task<RunningProcess> StripAsync(
        Machine machine, int port, int tlsPort, CancellationToken cancellationToken, int? cutAfter = null)
    {
        string[] limit = cutAfter is { } bytes ? [Text(bytes)] : [];
        var relay = machine.Start(
            new(), "/usr/bin/python3", [machine.PutScript("greeting-relay.py"), "strip", Text(port), Text(tlsPort), .. limit]);
        await machine.WaitForListenerAsync(port, Patience, cancellationToken);
        await machine.WaitForListenerAsync(tlsPort, Patience, cancellationToken);
        return relay;
    }

    /// <summary>Connects a TLS server program on <paramref name="tlsPort"/> of this machine to a Mandos server.</summary>
    public static RunningProcess Add(Machine machine, string address, int port, int tlsPort) =>
        machine.Start(new(), "/usr/bin/python3", machine.PutScript("greeting-relay.py"), "add", address, Text(port), Text(tlsPort));

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
