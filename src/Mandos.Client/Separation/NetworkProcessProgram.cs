using Mandos.Client.Hosting;
using Mandos.Client.ProcessBoundary;
using Mandos.Client.Retrieval;
using Mandos.Core.Discovery.Browsing;
using Mandos.Core.Exchange;
using Mandos.Core.Keys;

namespace Mandos.Client.Separation;

/// <summary>
/// The program of the network process: it drops all privileges, reads the keys, waits for the order to begin, and fetches the password.
/// </summary>
internal static class NetworkProcessProgram
{
    /// <summary>Runs to the end; returns an <see cref="ExitCode"/>.</summary>
    internal static async Task<int> RunAsync(IReadOnlyList<string> words, TimeProvider time)
    {
        if (words is [PreparedWords.Argument])
            words = PreparedWords.Receive();
        if (NetworkProcessSettings.Parse(words) is not { } settings || !TlsPriority.TryParse(settings.Priority, out var priority, out _))
            return ExitCode.Usage;
        var messages = new Messages(RoleNames.Client, settings.Debug);
        if (!Confinement.TryEnter(settings, messages, out var error))
        {
            messages.Error(error);
            return ExitCode.OsError;
        }

        KeyMaterial keys;
        try
        {
            keys = KeyMaterial.Read(messages);
        }
        catch (KeyFormatException exception)
        {
            messages.Error(exception.Message);
            return ExitCode.Unavailable;
        }

        using (keys)
        {
            messages.Debug?.Invoke($"key ID {keys.Tls.KeyId}");
            return await RetrieveAsync(settings, keys, priority, messages, time);
        }
    }

    private static async Task<int> RetrieveAsync(
        NetworkProcessSettings settings, KeyMaterial keys, TlsPriority priority, Messages messages, TimeProvider time)
    {
        var control = new ControlChannel(ProcessDescriptor.Control);
        var routes = new SupervisorRoutes(control.Send);
        await using var browser = settings.Connect is null
            ? new MulticastServiceBrowser(new MulticastServiceBrowserOptions { Time = time, Debug = messages.Debug })
            : null;
        var retrieval = new PasswordRetrieval(
            new NamedServers(settings.Connect is null ? settings.Servers : [settings.Connect]), browser,
            new ServerAttempt(keys, settings, priority, routes, time, messages.Debug), new AttemptSchedule(settings.Retry), settings.Delay,
            messages, time, settings.Rehearsal);
        var begin = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var orphaned = new CancellationTokenSource();
        // Throws if there is no thread to receive on; no order would ever arrive.
        var receiving = Receive(control, routes, retrieval, begin);
        _ = CancelAfterAsync(receiving, orphaned);
        try
        {
            await begin.Task.WaitAsync(orphaned.Token);
            using var password = await retrieval.RunAsync(orphaned.Token);
            return PasswordPipe.Write(ProcessDescriptor.Password, password) ? ExitCode.Success : ExitCode.TemporaryFailure;
        }
        catch (OperationCanceledException)
        {
            if (receiving.IsFaulted)
                await receiving;
            // The supervisor has exited, for whatever reason.
            return ExitCode.OsError;
        }
        finally
        {
            if (browser is not null)
                messages.Debug?.Invoke($"multicast packets: {browser.Statistics}");
        }
    }

    private static Task Receive(ControlChannel control, SupervisorRoutes routes, PasswordRetrieval retrieval, TaskCompletionSource begin) =>
        control.ReceiveAllAsync(message =>
        {
            switch (message.Kind)
            {
                case ControlKind.Begin:
                    begin.TrySetResult();
                    break;
                case ControlKind.InterfaceUsable:
                    retrieval.Tell(new RetrievalEvent.InterfaceUsable(message.InterfaceIndex, message.Name));
                    break;
                case ControlKind.InterfaceGone:
                    retrieval.Tell(new RetrievalEvent.InterfaceGone(message.InterfaceIndex));
                    break;
                case ControlKind.RouteAnswer:
                    routes.Answer(message);
                    break;
            }
        });

    /// <summary>Cancels when no more orders can arrive.</summary>
    private static async Task CancelAfterAsync(Task receiving, CancellationTokenSource orphaned)
    {
        try
        {
            await receiving;
        }
        finally
        {
            try
            {
                await orphaned.CancelAsync();
            }
            catch (ObjectDisposedException)
            {
                // The password was delivered in the meantime.
            }
        }
    }
}
