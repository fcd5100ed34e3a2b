using System.Diagnostics.CodeAnalysis;
using System.Net.Sockets;

namespace Mandos.Core.Linux.Netlink;

/// <summary>
/// Tracks the network interfaces and their addresses through rtnetlink(7). Needs no privilege, and neither /sys nor /proc. It belongs to
/// the network namespace of the thread that opens it. Only the kernel can send to this socket (others need CAP_NET_ADMIN), so the sender is
/// not checked.
/// </summary>
public sealed class LinkMonitor : IDisposable
{
    private const ushort RTM_GETLINK = 18, RTM_GETADDR = 22;
    private const uint RTMGRP_LINK = 0x1, RTMGRP_IPV4_IFADDR = 0x10, RTMGRP_IPV6_IFADDR = 0x100;

    // The kernel fills a dump in pieces of at most 32 KiB.
    private const int BufferLength = 32 * 1024;

    // If interfaces keep changing, the state after this number of attempts is used.
    private const int SynchronizationAttempts = 10;

    private readonly int _descriptor;
    private readonly Socket _socket;
    private readonly byte[] _buffer = new byte[BufferLength];
    private LinkTable _table = new();
    private uint _sequence;
    private bool _synchronized;

    private LinkMonitor(int descriptor)
    {
        _descriptor = descriptor;
        _socket = new Socket(new SafeSocketHandle(descriptor, ownsHandle: true));
    }

    /// <summary>The interfaces as of the last <see cref="ReadAsync"/>, by index. Empty before the first.</summary>
    public IReadOnlyCollection<LinkState> Links => _table.Links;

    /// <summary>The number of malformed datagrams.</summary>
    public int MalformedDatagrams { get; private set; }

    /// <summary>Opens the monitor; later changes will be noticed.</summary>
    public static bool TryOpen([NotNullWhen(true)] out LinkMonitor? monitor, out Errno error)
    {
        error = NetlinkSocket.Open(nonBlocking: true, RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR, out var descriptor);
        monitor = error.Ok ? new LinkMonitor(descriptor) : null;
        return error.Ok;
    }

    /// <summary>
    /// The first call returns all interfaces, later ones wait for the next changes. Not reentrant. After a cancelled call the next one
    /// returns what was missed.
    /// </summary>
    /// <exception cref="SocketException">The kernel refused.</exception>
    public async Task<IReadOnlyList<LinkChange>> ReadAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var changes = _synchronized
                ? await ReadEventsAsync(cancellationToken)
                : await SynchronizeAsync(cancellationToken);
            if (changes.Count > 0)
                return changes;
        }
    }

    /// <summary>Reads everything again and returns the changes, if any. Not during a <see cref="ReadAsync"/>.</summary>
    /// <exception cref="SocketException">The kernel refused.</exception>
    public async Task<IReadOnlyList<LinkChange>> SynchronizeAsync(CancellationToken cancellationToken)
    {
        _synchronized = false;
        var fresh = new LinkTable();
        for (var attempt = 1; !await DumpAllAsync(fresh, cancellationToken) && attempt < SynchronizationAttempts; attempt++)
            fresh = new LinkTable();
        var changes = fresh.ChangesSince(_table);
        _table = fresh;
        _synchronized = true;
        return changes;
    }

    /// <inheritdoc />
    public void Dispose() => _socket.Dispose();

    private async Task<IReadOnlyList<LinkChange>> ReadEventsAsync(CancellationToken cancellationToken)
    {
        var length = await ReceiveAsync(cancellationToken);
        if (length < 0)
        {
            // The kernel dropped an event for lack of buffer space (ENOBUFS): only a new dump shows the current state.
            _synchronized = false;
            return [];
        }
        var touched = new SortedSet<int>();
        _ = Walk(_buffer.AsSpan(0, length), _table, touched, expected: null);
        var changes = new List<LinkChange>();
        foreach (var index in touched)
            changes.Add(_table.ChangeOf(index));
        return changes;
    }

    /// <summary>Reads all interfaces and addresses; false if the table is complete but may be inconsistent.</summary>
    private async Task<bool> DumpAllAsync(LinkTable table, CancellationToken cancellationToken)
    {
        // This includes the rest of a dump that a cancelled call began: a socket can have only one at a time.
        DropPending();
        var links = await DumpAsync(RTM_GETLINK, table, cancellationToken);
        var addresses = await DumpAsync(RTM_GETADDR, table, cancellationToken);
        return links && addresses;
    }

    /// <summary>
    /// Drops queued events, which are older than the dump to come. If they were applied after it, they could restore an interface whose
    /// removal event the kernel had dropped.
    /// </summary>
    private void DropPending()
    {
        Errno error;
        do
            error = NetlinkSocket.Receive(_descriptor, _buffer, out _);
        while (error.Ok || error.Code == LibC.ENOBUFS);
    }

    /// <summary>
    /// Applies everything until the end of the dump, including events in order. False if the result is uncertain: something changed during
    /// the dump, an event was lost, or one came before the beginning.
    /// </summary>
    private async Task<bool> DumpAsync(ushort type, LinkTable table, CancellationToken cancellationToken)
    {
        await _socket.SendAsync(DumpRequest(type), SocketFlags.None, cancellationToken);
        var certain = true;
        var begun = false;
        while (true)
        {
            var length = await ReceiveAsync(cancellationToken);
            if (length < 0)
            {
                certain = false;
                continue;
            }
            var progress = Walk(_buffer.AsSpan(0, length), table, null, _sequence);
            if (!progress.Refused.Ok)
                throw new SocketException(progress.Refused.Code, $"the kernel does not list its interfaces: {progress.Refused}");
            begun |= progress.Begun;
            certain &= begun && !progress.Interrupted;
            if (progress.Ended)
                return certain;
        }
    }

    private readonly record struct DumpProgress(bool Begun, bool Ended, bool Interrupted, Errno Refused);

    /// <summary>Reads all messages of a datagram; returns the progress of the dump with the expected sequence number.</summary>
    private DumpProgress Walk(ReadOnlySpan<byte> datagram, LinkTable table, SortedSet<int>? touched, uint? expected)
    {
        var progress = default(DumpProgress);
        var reader = new NetlinkReader(datagram);
        while (reader.MoveNext())
        {
            var index = table.Apply(reader.Type, reader.Payload);
            if (index != 0)
                touched?.Add(index);
            if (reader.Sequence != expected)
                continue;
            progress = new DumpProgress(
                Begun: true,
                progress.Ended || reader.Type == NetlinkSocket.NLMSG_DONE,
                progress.Interrupted || (reader.Flags & NetlinkSocket.NLM_F_DUMP_INTR) != 0,
                reader.Type == NetlinkSocket.NLMSG_ERROR ? reader.Error : progress.Refused);
        }
        if (reader.Malformed)
            MalformedDatagrams++;
        return progress;
    }

    private byte[] DumpRequest(ushort type)
    {
        // struct ifinfomsg of family AF_UNSPEC; for addresses its beginning is struct ifaddrmsg.
        Span<byte> body = stackalloc byte[LinkMessage.Length];
        body.Clear();
        Span<byte> buffer = stackalloc byte[NetlinkRequest.MaximumLength];
        const ushort flags = NetlinkSocket.NLM_F_REQUEST | NetlinkSocket.NLM_F_DUMP;
        return new NetlinkRequest(buffer, type, flags, ++_sequence, body).Finish().ToArray();
    }

    /// <summary>Receives a datagram and returns its length, or -1 if the kernel had to drop some.</summary>
    private async ValueTask<int> ReceiveAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await _socket.ReceiveAsync(_buffer, SocketFlags.None, cancellationToken);
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.NoBufferSpaceAvailable)
        {
            return -1;
        }
    }
}
