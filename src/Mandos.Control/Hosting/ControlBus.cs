using System.Globalization;
using Mandos.BusClient;

namespace Mandos.Control.Hosting;

/// <summary>The way to the server, and what every part of the program has in common.</summary>
internal static class ControlBus
{
    /// <summary>The name of the program.</summary>
    internal const string Program = "mandos-ctl";

    /// <summary>The exit code for an invalid command line.</summary>
    internal const int Usage = 2;

    /// <summary>Connects to the bus.</summary>
    /// <param name="environment">The program's environment.</param>
    /// <param name="debug">Whether to print each call.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="BusFailure">It cannot be reached.</exception>
    internal static async Task<ServerConnection> ConnectAsync(
        ControlEnvironment environment, bool debug, CancellationToken cancellationToken)
    {
        var address = environment.Variable("DBUS_SYSTEM_BUS_ADDRESS");
        var server = await ServerConnection.OpenAsync(address, environment.Limit, cancellationToken).ConfigureAwait(false);
        if (environment.CanAsk)
            server.Waiting = limit => environment.Error.WriteLine(
                string.Create(CultureInfo.InvariantCulture, $"{Program}: waiting for the server, at most {limit.TotalSeconds} s"));
        if (debug)
            server.Trace = call => environment.Error.WriteLine($"{Program}: debug: {call}");
        return server;
    }
}
