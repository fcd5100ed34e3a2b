using System.Runtime.InteropServices;
using Mandos.Bus.Messages;

namespace Mandos.Bus.Connections;

/// <summary>Incoming and outgoing messages, all on the connection's thread.</summary>
public sealed unsafe partial class BusConnection
{
    private const byte MethodCall = 1;
    private const byte MethodReturn = 2;
    private const byte MethodError = 3;
    private const byte Signal = 4;

    /// <summary>EBADMSG.</summary>
    private const int BadMessage = 74;

    private void Dispatch(nint message)
    {
        if (SdBus.GetMessageType(message, out var type) < 0)
            return;
        switch (type)
        {
            case MethodCall:
                DispatchCall(message);
                break;
            case MethodReturn or MethodError:
                _calls.Answer(message, type == MethodError);
                break;
            case Signal:
                _matches.Dispatch(message);
                break;
        }
    }

    private void DispatchCall(nint message)
    {
        var @interface = SdBus.GetInterface(message);
        _ = SdBus.Reference(message);
        _unanswered.Add(message);
        var call = new BusCall(
            this, message, BusReader.Text(SdBus.GetPath(message)), @interface is null ? null : BusReader.Text(@interface),
            BusReader.Text(SdBus.GetMember(message)), BusReader.Text(SdBus.GetSender(message)));
        try
        {
            if (_objects is null)
                throw new BusException(BusErrors.UnknownObject, "no objects exist here");
            _objects.Receive(call, new BusReader(message));
        }
        catch (BusException e)
        {
            call.ReplyError(e.Name, e.Message);
        }
        catch (Exception)
        {
            // An internal error in one call must not end the connection for all.
            call.ReplyError(BusErrors.Failed, "internal error");
        }
    }

    /// <summary>Sends the answer to a call, and releases the call.</summary>
    internal void Answer(nint call, Action send) => _thread.Post(
        () =>
        {
            if (!_unanswered.Remove(call))
                return;
            try
            {
                send();
            }
            catch (InvalidOperationException)
            {
                // A result that cannot be written is an internal error; the caller gets an error instead of waiting.
                SendError(call, BusErrors.Failed, "internal error");
            }
            finally
            {
                _ = SdBus.Unreference(call);
            }
        },
        static _ => { });

    /// <summary>Sends an answer with results.</summary>
    internal void SendReply(nint call, BusBody? body)
    {
        if (SdBus.ExpectsReply(call) <= 0)
            return;
        Build(SdBus.NewMethodReturn(call, out var message), message, body);
    }

    /// <summary>Sends an answer with an error.</summary>
    internal void SendError(nint call, string name, string text)
    {
        if (SdBus.ExpectsReply(call) <= 0)
            return;
        var error = new SdBus.Error
        {
            Name = (byte*)Marshal.StringToCoTaskMemUTF8(name),
            Message = (byte*)Marshal.StringToCoTaskMemUTF8(BusText.Carried(text)),
        };
        Build(SdBus.NewMethodError(call, out var message, &error), message, null);
        Marshal.FreeCoTaskMem((nint)error.Name);
        Marshal.FreeCoTaskMem((nint)error.Message);
    }

    private void SendSignal(BusSignal signal) =>
        Build(SdBus.NewSignal(_thread.Bus, out var message, signal.Path, signal.Interface, signal.Member), message, signal.Body);

    private void Build(int made, nint message, BusBody? body) => _ = Build(made, message, body, isCall: false);

    /// <summary>Fills a new message, sends it, and releases it. Returns the number that a reply to it will refer to.</summary>
    private ulong Build(int made, nint message, BusBody? body, bool isCall)
    {
        if (made < 0)
            throw new InvalidOperationException($"cannot create a message for the bus: {BusThread.Describe(made)}");
        try
        {
            body?.Invoke(new BusWriter(message));
            ulong cookie = 0;
            var sent = _thread.Send(message, isCall ? &cookie : null);
            // A container was not closed: nothing was sent, and the connection is unchanged.
            if (sent == -BadMessage)
                throw new InvalidOperationException($"cannot create a message for the bus: {BusThread.Describe(sent)}");
            // A failure to send either closes the connection soon, or concerns a peer that has disconnected.
            return sent >= 0 ? cookie : throw BusThread.Lost($"cannot send a message on the bus: {BusThread.Describe(sent)}");
        }
        finally
        {
            _ = SdBus.Unreference(message);
        }
    }
}
