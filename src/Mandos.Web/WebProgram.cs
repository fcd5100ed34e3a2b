using System.Net.Sockets;
using Mandos.BusClient;
using Mandos.CommandLine;
using Mandos.Configuration;
using Mandos.Core.Audit;
using Mandos.Core.Linux;
using Mandos.Web.Configuration;
using Mandos.Web.Following;
using Mandos.Web.Serving;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Mandos.Web;

/// <summary>
/// The program from its arguments to its exit code: 0 when it was asked to stop, 1 if it cannot serve, 2 for an invalid command line.
/// </summary>
internal static class WebProgram
{
    private const string Name = "mandos-web";
    private const int Failure = 1;
    private const int Usage = 2;

    /// <summary>The time limit of connecting to the bus and of each call.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    internal static async Task<int> RunAsync(
        IReadOnlyList<string> arguments, TextWriter output, TextWriter error, Func<string, string?> variable)
    {
        var program = new GnuProgram(
            Name, "Serves the clients of the Mandos server on this machine as web pages, and metrics for Prometheus.", Usage,
            helpAliases: ["-h"]);
        var config = PlainOption.Text("--config", "FILE", "Read this file");
        var check = PlainOption.Flag("--check-config", "Only check the configuration");
        program.Command.Options.Add(config);
        program.Command.Options.Add(check);
        if (program.Parse(arguments, output, error, out var exitCode) is not { } parsed)
            return exitCode;
        var file = parsed.GetValue(config);
        var problems = new List<ConfigurationProblem>();
        var settings = WebSettingsReader.Read(file ?? WebSettings.DefaultFile, file is not null, problems);
        foreach (var problem in problems)
            await error.WriteLineAsync($"{Name}: {(problem.IsWarning ? "warning" : "error")}: {problem}").ConfigureAwait(false);
        if (problems.Exists(problem => !problem.IsWarning))
            return Failure;
        var passed = PassedSockets.Find(variable, Environment.ProcessId);
        if (Missing(settings, passed) is { } missing)
        {
            program.Error(error, missing, $"see mandos-web.conf(5)");
            return Failure;
        }

        if (parsed.GetValue(check))
            return 0;
        using var stop = new StopSignals();
        try
        {
            await ServeAsync(settings, passed, variable, error, stop.Token).ConfigureAwait(false);
            return 0;
        }
        catch (Exception e) when (e is IOException or SocketException or UnauthorizedAccessException)
        {
            program.Error(error, $"cannot listen: {SystemFailure.Reason(e.InnerException ?? e)}", "is another mandos-web running?");
            return Failure;
        }
    }

    /// <summary>What the settings lack; null if they are complete.</summary>
    private static string? Missing(WebSettings settings, PassedSockets passed)
    {
        var servesPages = settings.IdentityHeader is not null;
        if (!servesPages && settings.Metrics.Count == 0 && passed.Metrics.Count == 0)
            return "nothing to serve: neither identity_header (for pages) nor metrics is set";
        return servesPages && settings.Hosts.Count == 0
            ? "hosts is not set: the host names that people use in their browsers"
            : null;
    }

    private static async Task ServeAsync(
        WebSettings settings, PassedSockets passed, Func<string, string?> variable, TextWriter error, CancellationToken stop)
    {
        var time = TimeProvider.System;
        var mirror = new ClientMirror(time);
        var bus = variable("DBUS_SYSTEM_BUS_ADDRESS");
        var follower = new ServerFollower(
            mirror, cancellationToken => ServerConnection.OpenAsync(bus, Limit, cancellationToken), static () => { }, time);
        var pages = new PageHandler(
            settings, mirror, (method, client, person) => follower.CallAsync(server => server.ActForAsync(method, client, person, stop)),
            HistoryAsync, line => error.WriteLine($"{Name}: warning: {line}"), time);
        var metrics = new MetricsHandler(mirror, follower.CallAsync, time);
        var servers = new List<HttpServer>();
        try
        {
            if (settings.IdentityHeader is not null && passed.Pages.Count > 0)
                await StartAsync(HttpServer.On(passed.Pages), pages.HandleAsync).ConfigureAwait(false);
            else if (settings.IdentityHeader is not null && !passed.Any)
                await StartAsync(HttpServer.On(FreeSocket.At(settings.Socket)), pages.HandleAsync).ConfigureAwait(false);
            if (passed.Metrics.Count > 0)
                await StartAsync(HttpServer.On(passed.Metrics), metrics.HandleAsync).ConfigureAwait(false);
            else if (settings.Metrics.Count > 0)
                await StartAsync(HttpServer.On(settings.Metrics), metrics.HandleAsync).ConfigureAwait(false);
            await follower.RunAsync(stop).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Asked to stop.
        }
        finally
        {
            foreach (var server in servers)
                await server.DisposeAsync().ConfigureAwait(false);
        }

        async Task<IReadOnlyList<AuditRecord>> HistoryAsync(string client, long before, int most)
        {
            IReadOnlyList<AuditRecord> records = [];
            await follower.CallAsync(async server => records = await server.HistoryAsync(client, before, most, stop).ConfigureAwait(false))
                .ConfigureAwait(false);
            return records;
        }

        async Task StartAsync(Action<KestrelServerOptions> listen, RequestDelegate handler) =>
            servers.Add(await HttpServer.StartAsync(listen, handler).ConfigureAwait(false));
    }
}
