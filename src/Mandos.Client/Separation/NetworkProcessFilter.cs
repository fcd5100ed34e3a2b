using Mandos.Core.Linux;
using Mandos.Core.Linux.Privileges;

namespace Mandos.Client.Separation;

/// <summary>
/// The system calls that the network process needs: IPv4 and IPv6 sockets, threads, memory, clocks. It cannot open files, execute programs,
/// access other processes, or make memory executable.
/// </summary>
/// <remarks>Found by strace(1) over whole runs, garbage collections included. In order of the x86-64 numbers.</remarks>
internal static class NetworkProcessFilter
{
    private const uint AF_INET = 2, AF_INET6 = 10;
    private const uint SOCK_STREAM = 1, SOCK_DGRAM = 2, WithoutFlags = 0xFF;
    private const uint IPPROTO_TCP = 6, IPPROTO_UDP = 17;
    private const uint SOL_SOCKET = 1, SOL_IP = 0, SOL_TCP = 6, SOL_IPV6 = 41;
    private const uint F_GETFD = 1, F_SETFD = 2, F_GETFL = 3, F_SETFL = 4, F_DUPFD_CLOEXEC = 1030;
    private const uint CLONE_THREAD = 0x10000;
    private const uint PROT_EXEC = 4;
    private const uint FIONREAD = 0x541B, FIONBIO = 0x5421, TCGETS = 0x5401;
    private const uint PR_SET_NAME = 15, PR_SET_VMA = 0x53564d41;
    private const uint EveryBit = uint.MaxValue;

    private static readonly SystemCall[] Permitted =
    [
        new("read", 0, 63),
        new("write", 1, 64),
        new("close", 3, 57),
        new("fstat", 5, 80),
        new("poll", 7, -1),
        new("lseek", 8, 62),
        new("munmap", 11, 215),
        new("brk", 12, 214),
        new("rt_sigaction", 13, 134),
        new("rt_sigprocmask", 14, 135),
        new("rt_sigreturn", 15, 139),
        new("readv", 19, 65),
        new("writev", 20, 66),
        new("sched_yield", 24, 124),
        new("mremap", 25, 216),
        new("madvise", 28, 233),
        new("nanosleep", 35, 101),
        new("getpid", 39, 172),
        new("connect", 42, 203),
        new("sendto", 44, 206),
        new("recvfrom", 45, 207),
        new("sendmsg", 46, 211),
        new("recvmsg", 47, 212),
        new("shutdown", 48, 210),
        new("bind", 49, 200),
        new("getsockname", 51, 204),
        new("getpeername", 52, 205),
        new("getsockopt", 55, 209),
        new("exit", 60, 93),
        new("gettimeofday", 96, 169),
        new("getrusage", 98, 165),
        new("sysinfo", 99, 179),
        new("sigaltstack", 131, 132),
        new("mlock", 149, 228),
        new("munlock", 150, 229),
        new("gettid", 186, 178),
        new("futex", 202, 98),
        new("sched_setaffinity", 203, 122),
        new("sched_getaffinity", 204, 123),
        new("restart_syscall", 219, 128),
        new("clock_gettime", 228, 113),
        new("clock_getres", 229, 114),
        new("clock_nanosleep", 230, 115),
        new("exit_group", 231, 94),
        new("epoll_wait", 232, -1),
        new("epoll_ctl", 233, 21),
        new("set_robust_list", 273, 99),
        new("ppoll", 271, 73),
        new("epoll_pwait", 281, 22),
        new("eventfd2", 290, 19),
        new("epoll_create1", 291, 20),
        new("pipe2", 293, 59),
        new("recvmmsg", 299, 243),
        new("sendmmsg", 307, 269),
        new("getcpu", 309, 168),
        new("getrandom", 318, 278),
        new("membarrier", 324, 283),
        new("rseq", 334, 293),
    ];

    /// <summary>Builds the filter for the process with this ID.</summary>
    internal static FilterInstruction[] Build(int processId)
    {
        var filter = new SystemCallFilter();
        foreach (var call in Permitted)
            filter.Permit(call);
        return filter
            .PermitIf(new("mmap", 9, 222), 2, PROT_EXEC, 0)
            .PermitIf(new("mprotect", 10, 226), 2, PROT_EXEC, 0)
            .PermitIf(new("ioctl", 16, 29), 1, EveryBit, FIONREAD, FIONBIO, TCGETS)
            // Not the protocols that make the kernel load a module: SCTP, DCCP, MPTCP, raw sockets.
            .PermitIf(new("socket", 41, 198),
                [new(0, EveryBit, AF_INET, AF_INET6), new(1, WithoutFlags, SOCK_STREAM), new(2, EveryBit, 0, IPPROTO_TCP)],
                [new(0, EveryBit, AF_INET, AF_INET6), new(1, WithoutFlags, SOCK_DGRAM), new(2, EveryBit, 0, IPPROTO_UDP)])
            // Options from 64 on belong to packet filters and multicast routing.
            .PermitIf(
                new("setsockopt", 54, 208),
                [new ArgumentRule(1, EveryBit, SOL_SOCKET, SOL_IP, SOL_TCP, SOL_IPV6), new ArgumentRule(2, ~63u, 0)])
            .PermitIf(new("fcntl", 72, 25), 1, EveryBit, F_GETFD, F_SETFD, F_GETFL, F_SETFL, F_DUPFD_CLOEXEC)
            .PermitIf(new("clone", 56, 220), 0, CLONE_THREAD, CLONE_THREAD)
            .PermitIf(new("prctl", 157, 167), 0, EveryBit, PR_SET_NAME, PR_SET_VMA)
            .PermitIf(new("tgkill", 234, 131), 0, EveryBit, (uint)processId)
            .PermitIfNull(new("prlimit64", 302, 261), 2)
            // Its arguments are in memory, which a filter cannot read.
            .Hide(new("clone3", 435, 435))
            .Build();
    }
}
