using System.Diagnostics;
using System.Globalization;

namespace Mandos.Tests.Buses;

/// <summary>A dbus-daemon of a test's own, in its own folder, where every user may do everything.</summary>
internal sealed class PrivateBus : IAsyncDisposable
{
    private const string Configuration = """
        <!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN" "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
        <busconfig>
          <type>session</type>
          <listen>unix:path=SOCKET</listen>
          <auth>EXTERNAL</auth>
          <policy context="default">
            <allow send_destination="*"/>
            <allow send_type="signal"/>
            <allow receive_type="method_call"/>
            <allow receive_type="method_return"/>
            <allow receive_type="error"/>
            <allow receive_type="signal"/>
            <allow own="*"/>
          </policy>
          <limit name="max_outgoing_bytes">MOST</limit>
          <limit name="max_incoming_bytes">FROM</limit>
        </busconfig>
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("mandos-bus-").FullName;
    private readonly int _mostForOne;
    private readonly int _mostFromOne;
    private Process? _daemon;

    private PrivateBus(int mostForOne = 1_000_000_000, int mostFromOne = 1_000_000_000)
    {
        _mostForOne = mostForOne;
        _mostFromOne = mostFromOne;
    }

    /// <summary>As clients take it.</summary>
    internal string Address => $"unix:path={Socket}";

    private string Socket => Path.Combine(_folder, "socket");

    /// <summary>Makes one that runs.</summary>
    /// <param name="mostForOne">
    /// Bytes that it keeps for one who does not read; what comes after them is lost to that one. So much that all is kept, if it
    /// is not said.
    /// </param>
    /// <param name="mostFromOne">Bytes that it takes from one whose messages are not read; then it takes no more until they are.</param>
    internal static async Task<PrivateBus> StartAsync(int mostForOne = 1_000_000_000, int mostFromOne = 1_000_000_000)
    {
        var bus = new PrivateBus(mostForOne, mostFromOne);
        await bus.StartDaemonAsync();
        return bus;
    }

    /// <summary>Makes one that does not run yet.</summary>
    internal static PrivateBus Absent() => new();

    /// <summary>Starts the daemon, at the same address each time.</summary>
    internal async Task StartDaemonAsync()
    {
        var configuration = Path.Combine(_folder, "bus.conf");
        await File.WriteAllTextAsync(configuration, Configuration.Replace("SOCKET", Socket, StringComparison.Ordinal)
            .Replace("MOST", _mostForOne.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
            .Replace("FROM", _mostFromOne.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal));
        File.Delete(Socket);
        _daemon = Process.Start(
            new ProcessStartInfo(
                "dbus-daemon",
                ["--nofork", "--nopidfile", "--print-address=1", $"--config-file={configuration}"])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true
            })!;
        // It complains of limits that it may not raise.
        _daemon.BeginErrorReadLine();
        Assert.StartsWith("unix:", await _daemon.StandardOutput.ReadLineAsync(), StringComparison.Ordinal);
    }

    /// <summary>Ends the daemon as a crash would.</summary>
    internal async Task StopDaemonAsync()
    {
        if (_daemon is null)
            return;
        _daemon.Kill();
        await _daemon.WaitForExitAsync();
        _daemon.Dispose();
        _daemon = null;
    }

    /// <summary>It takes nothing any more, and does not go away either.</summary>
    internal void Freeze() => Signal("STOP");

    /// <summary>It goes on.</summary>
    internal void Thaw() => Signal("CONT");

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopDaemonAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private void Signal(string name)
    {
        using var kill = Process.Start("kill", ["-s", name, _daemon!.Id.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }
}
