using Mandos.Bus.Messages;

namespace Mandos.Bus.Connections;

/// <summary>Our calls to others, each with a time limit.</summary>
public sealed partial class BusConnection
{
    /// <summary>The default time limit, which is also that of libdbus.</summary>
    public static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(25);

    /// <summary>Calls a method and converts its result.</summary>
    /// <param name="method">The method.</param>
    /// <param name="body">The arguments; null if there are none.</param>
    /// <param name="read">Converts the result.</param>
    /// <param name="timeout">How long to wait for the answer.</param>
    /// <param name="cancellationToken">Ends the wait; the call may have been carried out.</param>
    /// <exception cref="BusException">The answer is an error or invalid, or did not arrive in time (Timeout).</exception>
    /// <exception cref="BusConnectionException">The connection is lost.</exception>
    public async Task<T> CallAsync<T>(
        BusMethodAddress method, BusBody? body, BusResult<T> read, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var result = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        var call = new PendingCall(
            message =>
            {
                try
                {
                    result.TrySetResult(read(new BusReader(message)));
                }
                catch (BusException e)
                {
                    result.TrySetException(e);
                }
            },
            e => result.TrySetException(e));
        _thread.Post(
            () =>
            {
                var made = SdBus.NewMethodCall(
                    _thread.Bus, out var message, method.Destination, method.Path, method.Interface, method.Member);
                if (made >= 0 && !method.StartsService)
                    _ = SdBus.SetAutoStart(message, 0);
                _calls.Add(Build(made, message, body, isCall: true), call);
            },
            call.Fail);
        try
        {
            return await result.Task.WaitAsync(timeout, _time, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            throw new BusException(
                BusErrors.Timeout, $"{method.Destination} did not respond to {method.Member} within {timeout.TotalSeconds:0.###} s");
        }
        finally
        {
            if (!result.Task.IsCompleted)
                _thread.Post(() => _calls.Remove(call), static _ => { });
        }
    }

    /// <summary>Calls a method that returns nothing that matters.</summary>
    /// <inheritdoc cref="CallAsync{T}"/>
    public Task CallAsync(BusMethodAddress method, BusBody? body, TimeSpan timeout, CancellationToken cancellationToken) =>
        CallAsync(method, body, static _ => true, timeout, cancellationToken);
}
