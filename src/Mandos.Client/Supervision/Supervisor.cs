using System.Net.Sockets;
using Mandos.Client.CommandLine;
using Mandos.Client.Hosting;
using Mandos.Client.Network;
using Mandos.Client.ProcessBoundary;
using Mandos.Core.Linux;
using Mandos.Core.Linux.Files;
using Mandos.Core.Linux.Privileges;

namespace Mandos.Client.Supervision;

/// <summary>
/// The process that the user starts, usually as root. It reads nothing from the network: it runs hooks, brings up interfaces, sets routes,
/// and starts the network process; it receives the password from that process and prints it; it undoes everything, whatever happens.
/// </summary>
internal sealed class Supervisor(ClientOptions options, Messages messages, TimeProvider time)
{
    private const int StandardError = 2;

    /// <summary>The possible paths of our own executable, which is also the network process.</summary>
    internal IReadOnlyList<string> Programs { get; init; } = OwnExecutable.Paths();

    /// <summary>The descriptor for the password.</summary>
    internal int Output { get; init; } = PasswordOutput.Descriptor;

    /// <summary>The descriptor for the messages of the network process.</summary>
    internal int Errors { get; init; } = StandardError;

    /// <summary>Runs to the end; returns an <see cref="ExitCode"/>.</summary>
    /// <exception cref="OperationCanceledException">A signal arrived; everything is undone.</exception>
    internal async Task<int> RunAsync(CancellationToken stop)
    {
        foreach (var option in options.WithoutEffect)
            messages.Debug?.Invoke($"option '{option}' has no effect: TLS 1.3 does not use Diffie-Hellman parameters");
        using var keys = KeyFiles.Open(options.Keys, out var problem, out var error);
        if (keys is null)
            return Fail(ExitCode.Unavailable, error, problem.Code == Errno.AccessDenied ? "run this as root" : KeyFiles.Hint);
        using var runs = new NetworkProcessRuns(Programs, NetworkProcessSettings.From(options), keys, Errors, messages, time);
        if (!runs.TryStart(out error))
            return Fail(ExitCode.OsError, error);

        // The network process derived its user from our real IDs. Everything from here on, in particular hooks, runs with root as the real
        // user too.
        var change = Credentials.BecomeEffectiveUser();
        if (!change.Ok)
            messages.Warning($"cannot regain full root privileges: {change}");
        try
        {
            return await SuperviseAsync(runs, stop);
        }
        finally
        {
            await runs.EndAsync();
        }
    }

    private async Task<int> SuperviseAsync(NetworkProcessRuns runs, CancellationToken stop)
    {
        NetworkSession network;
        using (var ended = CancellationTokenSource.CreateLinkedTokenSource(stop))
        {
            try
            {
                var starting = NetworkSession.StartAsync(NetworkOptions(), ended.Token);
                // A network process that exits early (unusable keys) also ends the wait for the hooks.
                if (await Task.WhenAny(starting, runs.Result) != starting)
                    await ended.CancelAsync();
                network = await starting;
            }
            catch (SocketException exception)
            {
                return Fail(ExitCode.OsError, $"cannot list the network interfaces: {SystemFailure.Reason(exception)}");
            }
            catch (OperationCanceledException) when (!stop.IsCancellationRequested)
            {
                return await DeliverAsync(runs, stop);
            }
        }

        try
        {
            if (!network.HasInterfaces)
                return Fail(ExitCode.Failure, "no network interface found", "specify one with --interface");
            return await FetchAsync(runs, network, stop);
        }
        finally
        {
            // The network is restored only after the last process that uses it has exited.
            await runs.EndAsync();
            await network.StopAsync();
        }
    }

    private async Task<int> FetchAsync(NetworkProcessRuns runs, NetworkSession network, CancellationToken stop)
    {
        using var done = CancellationTokenSource.CreateLinkedTokenSource(stop);
        // Interfaces that are already known are sent first.
        var following = FollowInterfacesAsync(runs, network, done.Token);
        runs.Begin(send => new RouteRequests(
            index => network.Chosen.Any(link => link.Index == index), network.Routes.Add, network.Routes.Remove, send));
        try
        {
            return await DeliverAsync(runs, stop);
        }
        finally
        {
            await done.CancelAsync();
            await runs.EndAsync();
            await following;
        }
    }

    private static async Task FollowInterfacesAsync(NetworkProcessRuns runs, NetworkSession network, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var change in network.ReadChangesAsync(cancellationToken))
                runs.Tell(change);
        }
        catch (OperationCanceledException)
        {
            // The result is no longer needed.
        }
    }

    /// <summary>Prints the password unchanged, if there is one, and wipes it immediately, because hooks may take long to stop.</summary>
    private async Task<int> DeliverAsync(NetworkProcessRuns runs, CancellationToken stop)
    {
        var result = await runs.Result.WaitAsync(stop);
        if (result.Password is { } password)
        {
            using (password)
                return PasswordOutput.Print(password, messages, Output, stop);
        }

        if (result.ExitCode == ExitCode.Unavailable)
            messages.Hint(
                $"the OpenPGP keys are {options.Keys.OpenPgpPublic} and {options.Keys.OpenPgpSecret}, the TLS keys "
                    + $"{options.Keys.TlsPublic} and {options.Keys.TlsPrivate}; are two of them swapped?");
        return result.ExitCode;
    }

    private int Fail(int exitCode, string text, string? hint = null)
    {
        messages.Error(text, hint);
        return exitCode;
    }

    private NetworkOptions NetworkOptions() => new()
    {
        InterfaceLists = options.Interfaces,
        PreferredInterfaceLists = options.PreferredInterfaces,
        Connect = options.ConnectText,
        Delay = options.Delay,
        HookDirectory = options.NetworkHookDirectory,
        Warn = messages.Warning,
        Debug = messages.Debug,
        Time = time,
    };
}
