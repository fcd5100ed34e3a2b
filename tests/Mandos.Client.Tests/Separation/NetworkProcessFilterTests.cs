using System.Runtime.InteropServices;
using Mandos.Client.Separation;
using Mandos.Core.Linux;
using Mandos.Core.Linux.Privileges;

namespace Mandos.Client.Tests.Separation;

/// <summary>What the filter of the network process says to each call, with the numbers that the kernel's headers have.</summary>
public sealed class NetworkProcessFilterTests
{
    private const uint Allowed = 0x7fff0000, NotPermitted = 0x00050000 | 1, NoSuchCall = 0x00050000 | 38, Killed = 0x80000000;
    private const uint AuditX64 = 0xC000003E, AuditArm64 = 0xC00000B7;
    private const int Process = 4711;
    private const ulong Unix = 1, IPv4 = 2, IPv6 = 10, Netlink = 16, Packet = 17, Bluetooth = 31, Vsock = 40;
    private const ulong Stream = 1, Datagram = 2, Raw = 3, SequencedPackets = 5, Dccp = 6, CloseOnExecAndNonBlocking = 0x80800;
    private const ulong Icmp = 1, Tcp = 6, Udp = 17, ProtocolDccp = 33, Icmpv6 = 58, Sctp = 132, UdpLite = 136, Mptcp = 262;
    private static readonly bool IsArm64 = RuntimeInformation.ProcessArchitecture == Architecture.Arm64;
    private static readonly SystemCall Socket = new("socket", 41, 198);
    private static readonly SystemCall SetOption = new("setsockopt", 54, 208);
    private static readonly SystemCall Control = new("fcntl", 72, 25);
    private static readonly FilterInstruction[] Filter = NetworkProcessFilter.Build(Process);

    [Theory]
    [InlineData(IPv4, Stream, 0)]
    [InlineData(IPv4, Stream, Tcp)]
    [InlineData(IPv6, Stream, Tcp)]
    [InlineData(IPv6, Stream | CloseOnExecAndNonBlocking, Tcp)]
    [InlineData(IPv4, Datagram, 0)]
    [InlineData(IPv4, Datagram | CloseOnExecAndNonBlocking, Udp)]
    [InlineData(IPv6, Datagram, Udp)]
    public void Sockets_of_TCP_and_UDP_are_allowed(ulong family, ulong type, ulong protocol) =>
        Assert.Equal(Allowed, Decide(Socket, family, type, protocol));

    [Theory]
    [InlineData(IPv4, Stream, Sctp)]
    [InlineData(IPv6, SequencedPackets, Sctp)]
    [InlineData(IPv4, SequencedPackets, 0)]
    [InlineData(IPv4, Stream, Mptcp)]
    [InlineData(IPv6, Stream | CloseOnExecAndNonBlocking, Mptcp)]
    [InlineData(IPv4, Dccp, ProtocolDccp)]
    [InlineData(IPv6, Datagram, UdpLite)]
    [InlineData(IPv4, Datagram, Icmp)]
    [InlineData(IPv6, Datagram, Icmpv6)]
    [InlineData(IPv4, Raw, Icmp)]
    [InlineData(IPv6, Raw, Tcp)]
    [InlineData(IPv4, Raw, 0)]
    [InlineData(IPv4, Stream, Udp)]
    [InlineData(IPv4, Datagram, Tcp)]
    [InlineData(Packet, Raw, 0x0300)]
    [InlineData(Packet, Datagram, 0)]
    [InlineData(Unix, Stream, 0)]
    [InlineData(Netlink, Raw, 0)]
    [InlineData(Netlink, Datagram, 0)]
    [InlineData(Vsock, Stream, 0)]
    [InlineData(Bluetooth, Stream, 0)]
    [InlineData(0, Stream, 0)]
    public void Any_other_socket_is_refused(ulong family, ulong type, ulong protocol) =>
        Assert.Equal(NotPermitted, Decide(Socket, family, type, protocol));

    [Theory]
    // SOL_SOCKET: SO_REUSEADDR, SO_BINDTODEVICE, SO_TIMESTAMPNS_OLD.
    [InlineData(1, 2, Allowed)]
    [InlineData(1, 25, Allowed)]
    [InlineData(1, 35, Allowed)]
    // IP_PKTINFO, IP_MULTICAST_TTL, IP_ADD_MEMBERSHIP, the last number that is allowed.
    [InlineData(0, 8, Allowed)]
    [InlineData(0, 33, Allowed)]
    [InlineData(0, 35, Allowed)]
    [InlineData(0, 63, Allowed)]
    // IPT_SO_SET_REPLACE, MRT_INIT, EBT_SO_SET_ENTRIES.
    [InlineData(0, 64, NotPermitted)]
    [InlineData(0, 200, NotPermitted)]
    [InlineData(0, 128, NotPermitted)]
    // IPV6_V6ONLY, IPV6_JOIN_GROUP, IPV6_RECVPKTINFO; IP6T_SO_SET_REPLACE, MRT6_INIT.
    [InlineData(41, 26, Allowed)]
    [InlineData(41, 20, Allowed)]
    [InlineData(41, 49, Allowed)]
    [InlineData(41, 64, NotPermitted)]
    [InlineData(41, 200, NotPermitted)]
    // TCP_NODELAY, TCP_ULP.
    [InlineData(6, 1, Allowed)]
    [InlineData(6, 31, Allowed)]
    // SOL_RAW, SOL_UDP, SOL_SCTP, SOL_PACKET, SOL_NETLINK, SOL_ALG, SOL_TLS, SOL_MPTCP.
    [InlineData(255, 1, NotPermitted)]
    [InlineData(17, 1, NotPermitted)]
    [InlineData(132, 1, NotPermitted)]
    [InlineData(263, 1, NotPermitted)]
    [InlineData(270, 1, NotPermitted)]
    [InlineData(279, 1, NotPermitted)]
    [InlineData(282, 1, NotPermitted)]
    [InlineData(284, 1, NotPermitted)]
    // A number with a bit above those that are looked at: the kernel takes an int.
    [InlineData(1, 0x80000002, NotPermitted)]
    public void Socket_options_are_allowed_by_level_and_only_below_64(ulong level, ulong option, uint decision) =>
        Assert.Equal(decision, Decide(SetOption, 7, level, option));

    [Theory]
    // F_GETFD, F_SETFD, F_GETFL, F_SETFL, F_DUPFD_CLOEXEC.
    [InlineData(1, Allowed)]
    [InlineData(2, Allowed)]
    [InlineData(3, Allowed)]
    [InlineData(4, Allowed)]
    [InlineData(1030, Allowed)]
    // F_DUPFD, F_SETLK, F_SETOWN, F_SETSIG, F_SETLEASE, F_NOTIFY, F_SETPIPE_SZ, F_ADD_SEALS.
    [InlineData(0, NotPermitted)]
    [InlineData(6, NotPermitted)]
    [InlineData(8, NotPermitted)]
    [InlineData(10, NotPermitted)]
    [InlineData(1024, NotPermitted)]
    [InlineData(1026, NotPermitted)]
    [InlineData(1031, NotPermitted)]
    [InlineData(1033, NotPermitted)]
    public void Fcntl_may_only_read_and_set_flags_and_duplicate_descriptors(ulong command, uint decision) =>
        Assert.Equal(decision, Decide(Control, 7, command, 0));

    [Fact]
    public void Memory_is_never_executable()
    {
        foreach (var call in new SystemCall[] { new("mmap", 9, 222), new("mprotect", 10, 226) })
        {
            Assert.Equal(Allowed, Decide(call, 0, 4096, 1 | 2));
            Assert.Equal(NotPermitted, Decide(call, 0, 4096, 1 | 4));
        }

        Assert.Equal(NotPermitted, Decide(new("pkey_mprotect", 329, 288), 0, 4096, 1));
    }

    [Fact]
    public void Threads_are_allowed_but_no_new_processes_and_signals_only_to_the_process_itself()
    {
        var clone = new SystemCall("clone", 56, 220);
        Assert.Equal(Allowed, Decide(clone, 0x3D0F00));
        // SIGCHLD alone is fork(2).
        Assert.Equal(NotPermitted, Decide(clone, 17));
        Assert.Equal(NoSuchCall, Decide(new("clone3", 435, 435)));
        Assert.Equal(NotPermitted, Decide(new("execve", 59, 221)));
        var signal = new SystemCall("tgkill", 234, 131);
        Assert.Equal(Allowed, Decide(signal, Process, Process + 1, 10));
        Assert.Equal(NotPermitted, Decide(signal, Process + 1, Process + 1, 10));
    }

    [Theory]
    [InlineData("openat", 257, 56)]
    [InlineData("unlinkat", 263, 35)]
    [InlineData("accept4", 288, 242)]
    [InlineData("listen", 50, 201)]
    [InlineData("kill", 62, 129)]
    [InlineData("ptrace", 101, 117)]
    [InlineData("process_vm_readv", 310, 270)]
    [InlineData("setuid", 105, 146)]
    [InlineData("unshare", 272, 97)]
    [InlineData("bpf", 321, 280)]
    [InlineData("io_uring_setup", 425, 425)]
    [InlineData("keyctl", 250, 219)]
    [InlineData("pidfd_getfd", 438, 438)]
    public void Files_other_processes_and_the_rest_of_the_kernel_are_not_accessible(string name, int x64, int arm64) =>
        Assert.Equal(NotPermitted, Decide(new(name, x64, arm64)));

    [Fact]
    public void Resource_limits_can_be_read_but_not_set()
    {
        var limit = new SystemCall("prlimit64", 302, 261);
        Assert.Equal(Allowed, Decide(limit, 0, 7, 0, 0x1000));
        Assert.Equal(NotPermitted, Decide(limit, 0, 7, 0x1000));
    }

    [Fact]
    public void A_system_call_of_another_architecture_kills_the_process() =>
        Assert.Equal(Killed, FilterInterpreter.Run(Filter, IsArm64 ? AuditX64 : AuditArm64, 0, []));

    private static uint Decide(SystemCall call, params ulong[] arguments) =>
        FilterInterpreter.Run(Filter, IsArm64 ? AuditArm64 : AuditX64, (uint)(IsArm64 ? call.Arm64 : call.X64), arguments);
}
