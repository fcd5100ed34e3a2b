using Mandos.Core.Linux;

namespace Mandos.Client.Supervision;

/// <summary>
/// Passes on what the network process says. It gets no terminal of its own: from one it could read what is typed, and what
/// it says could hold the control sequences of an attacker.
/// </summary>
internal static class MessageRelay
{
    private const int StandardError = 2;

    /// <summary>Until the other end is closed, on a thread of its own.</summary>
    internal static Task RunAsync(int descriptor) =>
        Task.Factory.StartNew(() => Run(descriptor), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    /// <summary>Leaves printable ASCII, line ends and tabs; control sequences can hide in every other byte, cut anywhere.</summary>
    internal static void Disarm(Span<byte> text)
    {
        foreach (ref var one in text)
        {
            if (one is not ((>= 0x20 and < 0x7F) or (byte)'\n' or (byte)'\t'))
                one = (byte)'?';
        }
    }

    private static void Run(int descriptor)
    {
        Span<byte> bytes = stackalloc byte[4096];
        while (DescriptorIo.Read(descriptor, bytes, out var count).Ok && count > 0)
        {
            Disarm(bytes[..count]);
            _ = DescriptorIo.WriteAll(StandardError, bytes[..count], out _);
        }
    }
}
