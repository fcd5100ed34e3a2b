using Mandos.Core.Linux.Privileges;

namespace Mandos.Server.Checkers;

/// <summary>
/// Restricts what landlock does not restrict between processes of one user. Signals are denied, but a checker could still set the server's
/// resource limits: one on processor time kills the server, one on open files stops every delivery. It could also change the server's
/// priority and processors. A program may still set all of these for itself and, by inheritance, for its children.
/// </summary>
internal static class CheckerFilter
{
    private const uint EveryBit = uint.MaxValue;
    private const uint PRIO_PROCESS = 0;
    private const uint IOPRIO_WHO_PROCESS = 1;

    internal static FilterInstruction[] Build() => Refuse(new SystemCallFilter()).BuildWithOthersAllowed();

    /// <summary>Process number 0 is the caller.</summary>
    internal static SystemCallFilter Refuse(SystemCallFilter filter) => filter
        .PermitIf(new("prlimit64", 302, 261), 0, EveryBit, 0)
        .PermitIf(new("sched_setparam", 142, 118), 0, EveryBit, 0)
        .PermitIf(new("sched_setscheduler", 144, 119), 0, EveryBit, 0)
        .PermitIf(new("sched_setattr", 314, 274), 0, EveryBit, 0)
        .PermitIf(new("sched_setaffinity", 203, 122), 0, EveryBit, 0)
        .PermitIf(new("migrate_pages", 256, 238), 0, EveryBit, 0)
        .PermitIf(new("setpriority", 141, 140), [new ArgumentRule(0, EveryBit, PRIO_PROCESS), new ArgumentRule(1, EveryBit, 0)])
        .PermitIf(new("ioprio_set", 251, 30), [new ArgumentRule(0, EveryBit, IOPRIO_WHO_PROCESS), new ArgumentRule(1, EveryBit, 0)]);
}
