using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Mandos.Bus.Connections;
using Mandos.CommandLine;
using Mandos.Configuration;
using Mandos.Core.Linux;
using Mandos.Core.Linux.FileDescriptors;
using Mandos.Core.Linux.Privileges;
using Mandos.Core.Linux.Processes;
using Mandos.Core.Text;
using Mandos.Server.Audit;
using Mandos.Server.Bus;
using Mandos.Server.Bus.Objects;
using Mandos.Server.Checkers;
using Mandos.Server.ClientFiles;
using Mandos.Server.Clients;
using Mandos.Server.Clients.Registry;
using Mandos.Server.Configuration;
using Mandos.Server.Exit;
using Mandos.Server.Listening;
using Mandos.Server.Logging;
using Mandos.Server.Publishing;
using Mandos.Server.Publishing.Responder;
using Mandos.Server.Statistics;
using Mandos.Server.Store;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Hosting.Systemd;
using Microsoft.Extensions.Logging;

namespace Mandos.Server.Startup;

/// <summary>
/// One run of the server. As root it binds its socket and reads all files, including secrets; then it changes to its own user; only then
/// does it listen.
/// </summary>
internal sealed class ServerRun : IDisposable
{
    /// <summary>
    /// The locked-memory limit in bytes, as in the unit. A client uses the length of its secret plus a fifth, and during a start or reload
    /// twice that plus its section of the configuration: about 1 kB, and 4 kB at most. This is enough for 100,000 clients.
    /// </summary>
    private const int MostLocked = 512 << 20;

    private readonly ServerSettings _settings;
    private readonly Background? _background;
    private readonly LogChannel _channel;
    private readonly ILoggerFactory _loggers;
    private readonly ILogger _life;
    private readonly AuditTrail? _audit;
    private readonly PrivilegedThread _privileged;
    private readonly LogThreshold _threshold;
    private readonly ClientPaths _paths = new();
    private readonly ServerStatistics _statistics = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly StopProgress _stopping;
    private ConfigurationReloads? _reloads;
    private int _wantsReload;

    /// <summary>Creates a run without opening anything.</summary>
    /// <param name="settings">The settings of the server.</param>
    /// <param name="background">Reports readiness to the first process; null in the foreground.</param>
    /// <param name="channel">The log.</param>
    /// <param name="privileged">Binds the socket and reads the files.</param>
    internal ServerRun(ServerSettings settings, Background? background, LogChannel channel, PrivilegedThread privileged)
    {
        _privileged = privileged;
        // Before the change of directory.
        _settings =
            settings with
            {
                ConfigurationDirectory = Absolute(settings.ConfigurationDirectory),
                StateDirectory = Absolute(settings.StateDirectory)
            };
        _background = background;
        _channel = channel;
        _threshold = new LogThreshold(settings.LogLevel);
        // It is in the state directory, which is not touched if nothing is restored.
        _audit = settings is { Audit: true, Restore: true } ? new AuditTrail(TimeProvider.System) : null;
        _loggers = LogChannelProvider.CreateFactory(channel, _threshold, _audit is null ? null : new AuditProvider(_audit));
        _life = _loggers.CreateLogger(LogCategory.Life);
        _stopping = new StopProgress(_life, TimeProvider.System);
    }

    /// <summary>Runs until it is asked to stop; returns the exit code.</summary>
    internal async Task<int> RunAsync(List<ConfigurationProblem> problems)
    {
        // apt ignores SIGHUP, and so does the server that it starts on a machine without systemd.
        SignalDisposition.RestoreDefault(Signals.Hup);
        // Registered first, so that a signal during the start does not terminate the process halfway.
        using var hangup = PosixSignalRegistration.Create(PosixSignal.SIGHUP, Reload);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        if (!Report(problems))
            return ExitCodes.Failure;
        // The directory changes first, so that a relative name of a secret file means the same at the start and at each reload.
        if (_background is not null)
            Environment.CurrentDirectory = "/";
        // The default limit of a shell (8 MB) is enough for a thousand clients.
        ProcessMemory.AllowLocking(MostLocked);
        var sockets = _privileged.Run(() => ListeningSocket.OpenAll(_settings, _life));
        using var closing = new Closing(sockets);
        using var processFile = _background is null ? null : ProcessFile.Open(_life);
        var user = UnprivilegedUser.Find(_life);
        using var reading = _privileged.Run(() => ReadClients(user));
        if (_settings.Restore && user is not null)
            StateDirectory.MakeFor(user, _settings.StateDirectory);
        UnprivilegedUser.Become(user);
        var checks = _loggers.CreateLogger(LogCategory.Checkers);
        using var launcher = new CheckerLauncher(
            new(_settings.StateDirectory, _settings.ConfigurationDirectory), _privileged.CheckerThreads(), checks);
        _privileged.Settle();
        CheckerPrograms.Tell(reading.Definitions, checks);
        var failing = new FailingChecks();
        await using var checkers = new CheckerRunner(TimeProvider.System, checks, failing, launcher);
        using var clients = ClientHost.Open(_settings, reading, checkers, failing, Expand, _statistics, _loggers);
        if (clients is null)
            return ExitCodes.Failure;
        _audit?.Start(
            _settings.StateDirectory, _settings.AuditSize, _life,
            _settings.AuditCopy ? record => _channel.Write(LogLevel.Information, record, "AuditRecord") : null);
        processFile?.Write();
        if (clients.Registry.Clients.Length == 0)
            _life.NoClients();
        using var files = new ClientsReload(_settings.ClientsFile, reading.HasMain, user, _life, TimeProvider.System, reading.TakeFiles())
        {
            Awaited = clients.Awaited,
            HadFolder = reading.HasInFolder,
        };
        var code = await ServeAsync(sockets, clients, files).ConfigureAwait(false);
        _stopping.WaitsFor($"the state in {_settings.StateDirectory} to be closed");
        return code;
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _stopping.Dispose();
        _loggers.Dispose();
        _audit?.Dispose();
        _stop.Dispose();
    }

    private static string Absolute(string path) => Path.GetFullPath(path.Length == 0 ? "." : path);

    /// <summary>Closes the sockets at shutdown.</summary>
    private sealed class Closing(IReadOnlyList<Socket> sockets) : IDisposable
    {
        public void Dispose()
        {
            foreach (var socket in sockets)
                socket.Dispose();
        }
    }

    private ExpandedCommand Expand(ClientState client)
    {
        var expansion = CheckerCommand.Expand(client, _settings.UseDBus ? _paths.Of(client.Name) : null);
        return new(expansion.Command, expansion.Problem?.ToString());
    }

    private async Task<int> ServeAsync(IReadOnlyList<Socket> sockets, ClientHost clients, ClientsReload files)
    {
        var connections = _loggers.CreateLogger(LogCategory.Connections);
        var limits = _settings.Connections;
        var service = new ConnectionService(
            clients.Registry, _settings.Priority, limits, _statistics, TimeProvider.System,
            _loggers.CreateLogger(LogCategory.Decisions), connections);
        var room = ConnectionCapacity.Of(Descriptors.RaiseLimit(), clients.Registry.Clients.Length, limits);
        var listener = new Listener(sockets, service, room, TimeProvider.System, connections);
        // Frees the garbage of the start while no machine can connect yet; later it would delay the start of the clients.
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        try
        {
            listener.Start();
        }
        catch (SocketException e)
        {
            throw new StartupException(
                $"cannot listen: {SystemFailure.Reason(e)}", "another server may be running; each needs its own port");
        }

        var endPoint = (IPEndPoint)sockets[0].LocalEndPoint!;
        Announce(endPoint, clients);
        var publication = _settings.Zeroconf ? MakePublication(sockets) : null;
        var notifier = new SystemdNotifier();
        _reloads = new ConfigurationReloads(clients, files, _privileged, notifier, _life);
        RequestReload(isNewWish: false);
        var bus = _settings.UseDBus ? MakeBus(clients.Registry, endPoint, _reloads) : null;
        if (bus is not null)
            clients.Warnings.Join(bus);
        using var mandos = new ServerHost(clients.Registry, listener, publication, _reloads, bus);
        using var watchdog = Watchdog.Interval(Environment.GetEnvironmentVariable, Environment.ProcessId) is { } interval
            ? new Watchdog(notifier, clients.Registry.PingAsync, interval, TimeProvider.System)
            : null;
        using var status = notifier.IsEnabled ? new UnitStatus(notifier, () => clients.Registry.Clients, TimeProvider.System) : null;
        using var host = BuildHost(mandos, watchdog, status);
        await host.StartAsync().ConfigureAwait(false);
        _background?.ReportReady();
        _channel.ToError = _settings.Debug || (_background is null && _settings.Foreground);
        await host.WaitForShutdownAsync(_stop.Token).ConfigureAwait(false);
        if (mandos.ExecuteTask is { IsFaulted: true, Exception: { } defect })
        {
            _life.Failed(SystemFailure.Reason(defect));
            return ExitCodes.Failure;
        }

        _stopping.WaitsFor($"the export for upstream Mandos in {_settings.StateDirectory}");
        clients.LeaveForOriginal();
        _life.Stopped();
        return ExitCodes.Success;
    }

    /// <summary>
    /// Creates the publication. It needs the bus even without our own interface there, because avahi-daemon is reached over it.
    /// </summary>
    private ServicePublication MakePublication(IReadOnlyList<Socket> sockets)
    {
        var port = (ushort)((IPEndPoint)sockets[0].LocalEndPoint!).Port;
        var logger = _loggers.CreateLogger(LogCategory.Publishing);
        var settings = new PublicationSettings(
            port, _settings.Interface, _settings.UseIPv6, UseIPv4: !_settings.UseIPv6
                || sockets.Any(ListeningSocket.TakesEveryIPv4Address));
        var name = new ServiceName(_settings.ServiceName, logger, current => _channel.ServiceName = current);
        return new(settings, name, BusAddress.System, RespondAsync, TimeProvider.System, logger);

        Task RespondAsync(CancellationToken cancellationToken) =>
            new OwnResponder(settings, name, TimeProvider.System, logger).RunAsync(cancellationToken);
    }

    private ClientBus MakeBus(ClientRegistry registry, IPEndPoint endPoint, ConfigurationReloads reloads) => new(
        registry,
        new BusSettings
        {
            Facts = () =>
                new(
                    ProgramVersion.Value, endPoint.Address.ToString(), (ushort)endPoint.Port, _settings.Interface ?? "",
                    _channel.ServiceName),
            LogThreshold = _threshold,
            Paths = _paths,
            Statistics = _statistics,
            History = (client, before, most) => _audit?.Recent.Find(client, before, most) ?? [],
            Reload = reloads.Request,
        },
        TimeProvider.System,
        _loggers.CreateLogger(LogCategory.Bus),
        _loggers.CreateLogger(LogCategory.Decisions));

    /// <summary>Builds the platform's host, which reports readiness and stop to systemd if systemd started the process.</summary>
    private IHost BuildHost(ServerHost service, params IEnumerable<IHostedService?> more)
    {
        // The default content root is the program's own directory, which the server's user may not be able to read.
        var builder = Host.CreateEmptyApplicationBuilder(
            new HostApplicationBuilderSettings { DisableDefaults = true, ContentRootPath = "/" });
        // Not AddSystemd(), which reads the name of process 1: the unit hides other users' processes.
        if (Environment.GetEnvironmentVariable("NOTIFY_SOCKET") is { Length: > 0 })
        {
            builder.Services.AddSingleton<ISystemdNotifier, SystemdNotifier>();
            builder.Services.AddSingleton<IHostLifetime, SystemdLifetime>();
        }

        builder.Services.AddSingleton(_loggers);
        builder.Services.AddSingleton<IHostedService>(service);
        foreach (var other in more.OfType<IHostedService>())
            builder.Services.AddSingleton(other);
        return builder.Build();
    }

    private void Stop(PosixSignalContext context)
    {
        context.Cancel = true;
        _stopping.WaitsFor("connections, checks and the last changes to be saved");
        _stop.Cancel();
    }

    private void Reload(PosixSignalContext context)
    {
        context.Cancel = true;
        RequestReload(isNewWish: true);
    }

    /// <summary>
    /// Requests a reload. A request during the start is kept until the start is complete, because the file may have changed since it was
    /// read.
    /// </summary>
    private void RequestReload(bool isNewWish)
    {
        if (isNewWish)
            Volatile.Write(ref _wantsReload, 1);
        Interlocked.MemoryBarrier();
        if (Volatile.Read(ref _reloads) is { } reloads && Interlocked.Exchange(ref _wantsReload, 0) == 1)
            reloads.Request();
    }

    private void Announce(IPEndPoint endPoint, ClientHost clients)
    {
        var states = clients.Registry.Clients;
        _life.Started(ProgramVersion.Value, endPoint.ToString(), Quantity.Of(states.Length, "client"), states.Count(c => c.Enabled));
    }

    private ClientsReading ReadClients(UserAccount? user)
    {
        var problems = new List<ConfigurationProblem>();
        var clients = ClientsFile.Read(_settings.ClientsFile, user, problems, TimeProvider.System);
        _ = Report(problems);
        return clients;
    }

    /// <summary>Logs the problems; false if one of them is an error.</summary>
    private bool Report(List<ConfigurationProblem> problems)
    {
        _life.Report(problems);
        return problems.TrueForAll(p => p.IsWarning);
    }
}
