using Mandos.Core.Linux;
using Mandos.Core.Linux.FileDescriptors;

namespace Mandos.Client.ProcessBoundary;

/// <summary>One end of the connection between the two processes. Sending is thread-safe; one thread receives.</summary>
internal sealed class ControlChannel(int descriptor)
{
    /// <summary>Sends a message. A peer that has exited is noticed elsewhere.</summary>
    internal void Send(ControlMessage message)
    {
        Span<byte> bytes = stackalloc byte[ControlMessage.Size];
        message.Encode(bytes);
        _ = DescriptorIo.WriteAll(descriptor, bytes, out _);
    }

    /// <summary>Sends to a peer that may not read, over a non-blocking descriptor; false if the peer has not read for long.</summary>
    internal bool TrySend(ControlMessage message)
    {
        Span<byte> bytes = stackalloc byte[ControlMessage.Size];
        message.Encode(bytes);
        return DescriptorIo.Write(descriptor, bytes, out _).Code != Errno.TryAgain;
    }

    /// <summary>Handles every message on a thread of its own, until the other end is closed or sends an invalid message.</summary>
    internal Task ReceiveAllAsync(Action<ControlMessage> handle) => BlockingTask.Run(() => ReceiveAll(handle));

    private void ReceiveAll(Action<ControlMessage> handle)
    {
        // One byte more, so that a longer message does not pass as a valid one.
        Span<byte> bytes = stackalloc byte[ControlMessage.Size + 1];
        while (DescriptorIo.Read(descriptor, bytes, out var count).Ok && ControlMessage.TryDecode(bytes[..count], out var message))
            handle(message);
    }
}
