using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Mandos.CommandLine;
using Mandos.Core.Exchange;
using Mandos.Core.Linux;
using Mandos.Server.Clients;
using Mandos.Server.Configuration;
using Mandos.Server.Listening;
using Mandos.Server.Logging;
using Mandos.Server.Publishing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Hosting.Systemd;
using Microsoft.Extensions.Logging;

namespace Mandos.Server.Startup;

/// <summary>
/// One run of the server. While it is root it binds its socket and reads all files, secrets included; then it becomes its
/// own user; only then does it listen to anybody.
/// </summary>
internal sealed class ServerRun : IDisposable
{
    private const string ProcessFile = "/run/mandos.pid";

    /// <summary>Descriptors that are not connections: files, log, multicast DNS, the runtime.</summary>
    private const int OtherDescriptors = 100;

    private const int MostPending = 4096;

    private readonly ServerSettings _settings;
    private readonly Background? _background;
    private readonly LogChannel _channel;
    private readonly ILoggerFactory _loggers;
    private readonly ILogger _life;
    private readonly CancellationTokenSource _stop = new();

    /// <summary>Nothing is opened yet.</summary>
    /// <param name="settings">How to run.</param>
    /// <param name="background">Whom to tell that the server serves; null in the foreground.</param>
    /// <param name="channel">The log.</param>
    internal ServerRun(ServerSettings settings, Background? background, LogChannel channel)
    {
        _settings = settings;
        _background = background;
        _channel = channel;
        _loggers = LogChannelProvider.CreateFactory(channel, settings.LogLevel);
        _life = _loggers.CreateLogger(LogCategory.Life);
    }

    /// <summary>Runs until told to stop; the result is the exit code.</summary>
    internal async Task<int> RunAsync(List<ConfigurationProblem> problems)
    {
        // Taken from the beginning, so that a signal during the start does not end it half way.
        using var hangup = PosixSignalRegistration.Create(PosixSignal.SIGHUP, IgnoreHangup);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        if (!Report(problems))
            return ExitCodes.Failure;
        using var socket = ListeningSocket.Open(_settings, _life);
        var processFile = OpenProcessFile();
        var user = UnprivilegedUser.Find(_life);
        if (_background is not null)
            Environment.CurrentDirectory = "/";
        using var clients = ReadClients(user);
        if (clients is null)
        {
            processFile?.Dispose();
            return ExitCodes.Failure;
        }

        UnprivilegedUser.Become(user);
        await WriteProcessFileAsync(processFile).ConfigureAwait(false);
        return await ServeAsync(socket, clients).ConfigureAwait(false);
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _loggers.Dispose();
        _stop.Dispose();
    }

    private async Task<int> ServeAsync(Socket socket, ClientTable clients)
    {
        var connections = _loggers.CreateLogger(LogCategory.Connections);
        var service = new ConnectionService(clients, _settings.Priority, new ExchangeLimits(), TimeProvider.System, _loggers.CreateLogger(LogCategory.Decisions), connections);
        var mostPending = Math.Clamp(Descriptors.RaiseLimit() - OtherDescriptors, 16, MostPending);
        var listener = new Listener(socket, service, mostPending, TimeProvider.System, connections);
        try
        {
            listener.Start();
        }
        catch (SocketException e)
        {
            throw new StartupException($"cannot listen: {e.Message}", "another server may be running; each needs a port of its own");
        }

        var endPoint = (IPEndPoint)socket.LocalEndPoint!;
        Announce(endPoint, clients);
        var publication = _settings.Zeroconf
            ? new ServicePublication(new(_settings.ServiceName, (ushort)endPoint.Port, _settings.Interface, _settings.UseIPv6), TimeProvider.System, _loggers.CreateLogger(LogCategory.Publishing), name => _channel.ServiceName = name)
            : null;
        using var mandos = new MandosService(listener, publication);
        using var host = BuildHost(mandos);
        await host.StartAsync().ConfigureAwait(false);
        _background?.ReportReady();
        _channel.ToError = _settings.Debug || (_background is null && _settings.Foreground);
        await host.WaitForShutdownAsync(_stop.Token).ConfigureAwait(false);
        if (mandos.ExecuteTask is { IsFaulted: true, Exception: { } defect })
        {
            _life.Failed(defect.GetBaseException().Message);
            return ExitCodes.Failure;
        }

        _life.Stopped();
        return ExitCodes.Success;
    }

    /// <summary>The platform's host: readiness and stop are told to systemd where it started us.</summary>
    private IHost BuildHost(MandosService service)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        // Not AddSystemd(), which looks for the name of process 1: the unit hides the processes of other users from us.
        if (Environment.GetEnvironmentVariable("NOTIFY_SOCKET") is { Length: > 0 })
        {
            builder.Services.AddSingleton<ISystemdNotifier, SystemdNotifier>();
            builder.Services.AddSingleton<IHostLifetime, SystemdLifetime>();
        }

        builder.Services.AddSingleton(_loggers);
        builder.Services.AddSingleton<IHostedService>(service);
        return builder.Build();
    }

    private void Stop(PosixSignalContext context)
    {
        context.Cancel = true;
        _stop.Cancel();
    }

    private void IgnoreHangup(PosixSignalContext context)
    {
        context.Cancel = true;
        _life.HangupIgnored();
    }

    private void Announce(IPEndPoint endPoint, ClientTable clients)
    {
        _life.Started(ProgramVersion.Value, endPoint.ToString(), clients.Clients.Count, clients.Clients.Count(c => c.Enabled));
        var absent = "checkers and timeouts, approval, D-Bus, saved state, reload";
        _life.Absent(_settings.UseDBus ? absent : absent.Replace(" D-Bus,", "", StringComparison.Ordinal));
    }

    private ClientTable? ReadClients(UserAccount? user)
    {
        var problems = new List<ConfigurationProblem>();
        var clients = ClientsFile.Read(_settings.ClientsFile, user, problems, out _);
        _ = Report(problems);
        if (clients is { Clients.Count: 0 })
            _life.NoClients();
        return clients;
    }

    /// <summary>False if there was an error among them.</summary>
    private bool Report(List<ConfigurationProblem> problems)
    {
        foreach (var problem in problems)
        {
            if (problem.IsWarning)
                _life.ConfigurationWarning(problem.ToString());
            else
                _life.ConfigurationError(problem.ToString());
        }

        return problems.TrueForAll(p => p.IsWarning);
    }

    /// <summary>Opened while the process may, written when it is what it will be.</summary>
    private FileStream? OpenProcessFile()
    {
        if (_background is null)
            return null;
        try
        {
            return new FileStream(ProcessFile, new FileStreamOptions
            {
                Mode = FileMode.Create,
                Access = FileAccess.Write,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead,
            });
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _life.NoProcessFile(ProcessFile, FileFailure.Reason(e));
            return null;
        }
    }

    private static async Task WriteProcessFileAsync(FileStream? file)
    {
        if (file is null)
            return;
        var writer = new StreamWriter(file);
        await using (writer.ConfigureAwait(false))
            await writer.WriteLineAsync(FormattableString.Invariant($"{Environment.ProcessId}")).ConfigureAwait(false);
    }
}
