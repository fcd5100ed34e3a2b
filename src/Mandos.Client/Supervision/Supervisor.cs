using System.Net.Sockets;
using Mandos.Client.CommandLine;
using Mandos.Client.Network;
using Mandos.Client.Plugins;
using Mandos.Core.Linux;

namespace Mandos.Client.Supervision;

/// <summary>
/// The process that was started, usually as root. It reads nothing that comes from the network: it runs hooks, brings up
/// interfaces, sets routes, and starts the one that does; it takes the password from it and prints it; it undoes
/// everything, whatever happens.
/// </summary>
internal sealed class Supervisor(ClientOptions options, Messages messages, TimeProvider time)
{
    /// <summary>Runs to the end; the result is an <see cref="ExitCode"/>.</summary>
    /// <exception cref="OperationCanceledException">A signal came; everything is undone.</exception>
    internal async Task<int> RunAsync(CancellationToken stop)
    {
        foreach (var option in options.WithoutEffect)
            messages.Debug?.Invoke($"option '{option}' has no effect: TLS 1.3 has no use for Diffie-Hellman parameters");
        NetworkProcess? process;
        using (var keys = KeyFiles.Open(options.Keys, out var problem, out var error))
        {
            if (keys is null)
                return Fail(ExitCode.Unavailable, error, problem.Code == Errno.AccessDenied ? "run this as root" : KeyFiles.Hint);
            if (!NetworkProcess.TryStart(NetworkProcessSettings.From(options), keys, out process, out error))
                return Fail(ExitCode.OsError, error);
        }

        // The network process took its ids from us. What runs from here on, hooks above all, does so as root whole.
        var change = Credentials.BecomeEffectiveUser();
        if (!change.Ok)
            messages.Warning($"cannot become root whole: {change}");
        using (process)
        {
            try
            {
                return await SuperviseAsync(process, stop);
            }
            finally
            {
                await process.EndAsync(time);
            }
        }
    }

    private async Task<int> SuperviseAsync(NetworkProcess process, CancellationToken stop)
    {
        NetworkSession network;
        using (var ended = CancellationTokenSource.CreateLinkedTokenSource(stop))
        {
            try
            {
                var starting = NetworkSession.StartAsync(NetworkOptions(), ended.Token);
                // A network process that ends early (its keys are bad) ends the wait for hooks, too.
                if (await Task.WhenAny(starting, process.Password) != starting)
                    await ended.CancelAsync();
                network = await starting;
            }
            catch (SocketException exception)
            {
                return Fail(ExitCode.OsError, $"cannot ask the kernel for its network interfaces: {exception.Message}");
            }
            catch (OperationCanceledException) when (!stop.IsCancellationRequested)
            {
                return await DeliverAsync(process);
            }
        }

        try
        {
            if (!network.HasInterfaces)
                return Fail(ExitCode.Failure, "no network interface found", "name one with --interface");
            return await FetchAsync(process, network, stop);
        }
        finally
        {
            // The network goes away from under nobody.
            await process.EndAsync(time);
            await network.StopAsync();
        }
    }

    private async Task<int> FetchAsync(NetworkProcess process, NetworkSession network, CancellationToken stop)
    {
        var routes = new RouteRequests(
            index => network.Chosen.Any(link => link.Index == index), network.Routes.Add, network.Routes.Remove, process.Control.Send);
        var requests = process.Control.ReceiveAllAsync(routes.Handle);
        using var done = CancellationTokenSource.CreateLinkedTokenSource(stop);
        // What is known already is told first.
        var following = FollowInterfacesAsync(process, network, done.Token);
        process.Control.Send(new ControlMessage(ControlKind.Begin));
        try
        {
            await process.Password.WaitAsync(stop);
            return await DeliverAsync(process);
        }
        finally
        {
            await done.CancelAsync();
            await process.EndAsync(time);
            await Task.WhenAll(requests, following);
        }
    }

    private static async Task FollowInterfacesAsync(NetworkProcess process, NetworkSession network, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var change in network.ReadChangesAsync(cancellationToken))
            {
                var kind = change.Usable ? ControlKind.InterfaceUsable : ControlKind.InterfaceGone;
                process.Control.Send(new ControlMessage(kind, InterfaceIndex: change.Index, Name: change.Name));
            }
        }
        catch (OperationCanceledException)
        {
            // Nobody needs to know any more.
        }
    }

    /// <summary>Prints the password as it is, byte for byte, or tells how the network process ended instead.</summary>
    private async Task<int> DeliverAsync(NetworkProcess process)
    {
        using var password = await process.Password;
        return password is null ? Explain(await process.WaitAsync()) : PasswordOutput.Print(password, messages);
    }

    private int Explain(ChildExit exit)
    {
        if (exit.ExitCode == ExitCode.Unavailable)
            messages.Hint($"the OpenPGP keys are {options.Keys.OpenPgpPublic} and {options.Keys.OpenPgpSecret}, the TLS keys {options.Keys.TlsPublic} and {options.Keys.TlsPrivate}; are two of them swapped?");
        // It said itself what is wrong.
        if (exit.ExitCode is ExitCode.Unavailable or ExitCode.OsError or ExitCode.Software)
            return exit.ExitCode.Value;
        return Fail(ExitCode.OsError, $"the network process ended without a password: {exit}");
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
