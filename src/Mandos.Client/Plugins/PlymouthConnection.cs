using System.Net;
using System.Net.Sockets;
using System.Text;
using Mandos.Core.Secrets;

namespace Mandos.Client.Plugins;

/// <summary>
/// A connection to plymouthd with the protocol of its own client. The daemon serves only peers that were root when they connected.
/// <code>
///   request    command                  "P" 00
///              command with argument    "*" 02  length (1 byte, with the zero)  text  00
///   reply      06 yes   15 no
///              02  length (4 bytes, little-endian)  bytes      the answer to a question
///              05                                              there is no answer
/// </code>
/// </summary>
internal sealed class PlymouthConnection : IDisposable
{
    private const char Ping = 'P', Password = '*', PauseProgress = 'A', GoOn = 'a', Quit = 'Q', ShowSplash = '$';
    private const byte Yes = 0x06, Answer = 0x02, HasArgument = 0x02, Interrupted = 0x03;

    // A length that includes the zero byte must fit in one byte.
    private const int LongestArgument = 254;
    private const int LongestAnswer = 64 * 1024;

    // A working daemon answers immediately, unless a user has to type.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly Socket _socket;
    private readonly TimeProvider _time;

    private PlymouthConnection(Socket socket, TimeProvider time) => (_socket, _time) = (socket, time);

    /// <summary>The socket of plymouthd, in the abstract namespace.</summary>
    internal static EndPoint Address { get; } = new UnixDomainSocketEndPoint("\0/org/freedesktop/plymouthd");

    /// <summary>The process ID of the daemon, as the kernel reports it.</summary>
    internal int DaemonProcess
    {
        get
        {
            const int SOL_SOCKET = 1, SO_PEERCRED = 17;
            // struct ucred: process, user, group.
            Span<byte> peer = stackalloc byte[12];
            _ = _socket.GetRawSocketOption(SOL_SOCKET, SO_PEERCRED, peer);
            return BitConverter.ToInt32(peer);
        }
    }

    /// <summary>Connects to a daemon that answers; null if there is none, or if it does not serve us.</summary>
    internal static async Task<PlymouthConnection?> TryOpenAsync(EndPoint address, TimeProvider time, CancellationToken cancellationToken)
    {
        var connection = new PlymouthConnection(new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified), time);
        try
        {
            await connection._socket.ConnectAsync(address, cancellationToken);
            if (await connection.RequestAsync(Ping, null, cancellationToken))
                return connection;
        }
        catch (SocketException)
        {
            // plymouthd does not listen.
        }
        catch
        {
            connection.Dispose();
            throw;
        }

        connection.Dispose();
        return null;
    }

    /// <summary>
    /// Prompts for a password and waits until the user has typed it. Null if there will be no answer: the splash cannot prompt, or the
    /// daemon has exited. The receiver owns the answer, which may be empty.
    /// </summary>
    internal async Task<SecretBuffer?> AskAsync(string prompt, CancellationToken cancellationToken)
    {
        // As its own client does: the progress bar waits for the user.
        _ = await RequestAsync(PauseProgress, null, cancellationToken);
        SecretBuffer? answer;
        do
            answer = await AskOnceAsync(prompt, cancellationToken);
        while (answer is { Length: 1 } && answer.Span[0] == Interrupted && Dismiss(answer));
        if (answer is not null)
            _ = await RequestAsync(GoOn, null, CancellationToken.None);
        return answer;
    }

    /// <summary>Stops the daemon, which leaves the splash on the screen for the next one; false if it did not answer.</summary>
    internal Task<bool> QuitAsync(CancellationToken cancellationToken) => RequestAsync(Quit, "", cancellationToken);

    /// <summary>Shows the splash.</summary>
    internal Task<bool> ShowSplashAsync(CancellationToken cancellationToken) => RequestAsync(ShowSplash, null, cancellationToken);

    /// <inheritdoc />
    public void Dispose() => _socket.Dispose();

    /// <summary>Encodes a request; an argument that is too long is cut between two characters.</summary>
    internal static byte[] Encode(char command, string? argument)
    {
        if (argument is null)
            return [(byte)command, 0];
        var text = Encoding.UTF8.GetBytes(argument).AsSpan();
        if (text.Length > LongestArgument)
        {
            var end = LongestArgument;
            while ((text[end] & 0xC0) == 0x80)
                end--;
            text = text[..end];
        }

        return [(byte)command, HasArgument, (byte)(text.Length + 1), .. text, 0];
    }

    // Ctrl-C and Ctrl-D on the splash cancel the question, which is not an empty password.
    private static bool Dismiss(SecretBuffer answer)
    {
        answer.Dispose();
        return true;
    }

    private async Task<SecretBuffer?> AskOnceAsync(string prompt, CancellationToken cancellationToken)
    {
        var answer = new SecretBuffer(LongestAnswer);
        try
        {
            _ = await _socket.SendAsync(Encode(Password, prompt), cancellationToken);
            if (await ReadAnswerAsync(answer, cancellationToken))
                return answer;
        }
        catch (SocketException)
        {
            // The daemon has exited.
        }
        catch
        {
            answer.Dispose();
            throw;
        }

        answer.Dispose();
        return null;
    }

    private async Task<bool> ReadAnswerAsync(SecretBuffer answer, CancellationToken cancellationToken)
    {
        var head = new byte[sizeof(int)];
        if (!await FillAsync(head.AsMemory(0, 1), cancellationToken) || head[0] != Answer || !await FillAsync(head, cancellationToken))
            return false;
        var length = BitConverter.ToUInt32(head);
        if (length > LongestAnswer)
            return false;
        answer.SetLength((int)length);
        return length == 0 || await FillAsync(answer.Memory, cancellationToken);
    }

    private async Task<bool> RequestAsync(char command, string? argument, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(Patience, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        var reply = new byte[1];
        try
        {
            _ = await _socket.SendAsync(Encode(command, argument), either.Token);
            return await FillAsync(reply, either.Token) && reply[0] == Yes;
        }
        catch (SocketException)
        {
            return false;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    private async Task<bool> FillAsync(Memory<byte> bytes, CancellationToken cancellationToken)
    {
        while (bytes.Length > 0)
        {
            var count = await _socket.ReceiveAsync(bytes, cancellationToken);
            if (count == 0)
                return false;
            bytes = bytes[count..];
        }

        return true;
    }
}
