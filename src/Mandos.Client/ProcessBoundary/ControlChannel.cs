using Mandos.Core.Linux;
using Mandos.Core.Linux.FileDescriptors;

namespace Mandos.Client.ProcessBoundary;

/// <summary>One end of the connection between the two processes. Sending is safe from any thread; one thread receives.</summary>
internal sealed class ControlChannel(int descriptor)
{
    /// <summary>Sends; a peer that is gone is noticed by its end, not here.</summary>
    internal void Send(ControlMessage message)
    {
        Span<byte> bytes = stackalloc byte[ControlMessage.Size];
        message.Encode(bytes);
        _ = DescriptorIo.WriteAll(descriptor, bytes, out _);
    }

    /// <summary>
    /// Sends to a peer that is not trusted to read, by a descriptor that does not wait; false if it has not read for long.
    /// </summary>
    internal bool TrySend(ControlMessage message)
    {
        Span<byte> bytes = stackalloc byte[ControlMessage.Size];
        message.Encode(bytes);
        return DescriptorIo.Write(descriptor, bytes, out _).Code != Errno.TryAgain;
    }

    /// <summary>Hands over every message on its own thread, until the other end is closed or says what is no message.</summary>
    internal Task ReceiveAllAsync(Action<ControlMessage> handle) => BlockingTask.Run(() => ReceiveAll(handle));

    private void ReceiveAll(Action<ControlMessage> handle)
    {
        // One byte more, so that a longer message does not look like a right one.
        Span<byte> bytes = stackalloc byte[ControlMessage.Size + 1];
        while (DescriptorIo.Read(descriptor, bytes, out var count).Ok && ControlMessage.TryDecode(bytes[..count], out var message))
            handle(message);
    }
}
