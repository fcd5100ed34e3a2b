using System.Runtime.InteropServices;

namespace Mandos.Core.Linux.Privileges;

/// <summary>One instruction of classic BPF (struct sock_filter).</summary>
[StructLayout(LayoutKind.Sequential)]
public readonly record struct FilterInstruction(ushort Code, byte IfTrue, byte IfFalse, uint Constant);

/// <summary>A condition on a call's argument: its low 32 bits, masked, equal one of some values.</summary>
public readonly record struct ArgumentRule(int Argument, uint Mask, params uint[] Values);

/// <summary>
/// Builds a seccomp filter (seccomp(2)) from a list of permitted calls. Everything else fails with EPERM, so that the runtime, which tries
/// optional calls, can continue, or is allowed; calls of another architecture kill the process.
/// </summary>
public sealed class SystemCallFilter
{
    internal const uint Allow = 0x7fff0000;
    internal const uint KillProcess = 0x80000000;
    internal const uint FailWith = 0x00050000;
    internal const int EPERM = 1;
    internal const int ENOSYS = 38;

    internal const ushort LoadWord = 0x20;
    internal const ushort Jump = 0x05;
    internal const ushort JumpIfEqual = 0x15;
    internal const ushort JumpIfNotBelow = 0x35;
    internal const ushort AndConstant = 0x54;
    internal const ushort Return = 0x06;

    // struct seccomp_data { int nr; u32 arch; u64 instruction_pointer; u64 args[6]; }
    internal const uint NumberOffset = 0;
    internal const uint ArchitectureOffset = 4;
    internal const uint ArgumentsOffset = 16;

    internal const uint AuditX64 = 0xC000003E;
    internal const uint AuditArm64 = 0xC00000B7;

    /// <summary>On x86-64, calls of the x32 ABI have this bit set.</summary>
    internal const uint X32Bit = 0x40000000;

    private readonly List<FilterInstruction> _program = [];
    private readonly bool _arm64;

    /// <summary>Creates a filter for the architecture of this process.</summary>
    public SystemCallFilter()
        : this(RuntimeInformation.ProcessArchitecture)
    {
    }

    internal SystemCallFilter(Architecture architecture)
    {
        _arm64 = architecture == Architecture.Arm64;
        Add(LoadWord, ArchitectureOffset);
        Add(JumpIfEqual, _arm64 ? AuditArm64 : AuditX64, 1, 0);
        Add(Return, KillProcess);
        Add(LoadWord, NumberOffset);
        if (_arm64)
            return;
        Add(JumpIfNotBelow, X32Bit, 0, 1);
        Add(Return, FailWith | ENOSYS);
    }

    /// <summary>Permits a call with any arguments.</summary>
    public SystemCallFilter Permit(SystemCall call)
    {
        if (!TryNumber(call, out var number))
            return this;
        Add(JumpIfEqual, number, 0, 1);
        Add(Return, Allow);
        return this;
    }

    /// <summary>
    /// Permits a call if the low 32 bits of one argument, masked, equal one of some values; for arguments that the kernel takes as an int.
    /// Each call may be named only once.
    /// </summary>
    public SystemCallFilter PermitIf(SystemCall call, int argument, uint mask, params uint[] values) =>
        PermitIf(call, [new ArgumentRule(argument, mask, values)]);

    /// <summary>Permits a call if all rules of one alternative hold. Each call may be named only once.</summary>
    public SystemCallFilter PermitIf(SystemCall call, params ReadOnlySpan<ArgumentRule[]> alternatives)
    {
        if (!TryNumber(call, out var number))
            return this;
        var length = 0;
        foreach (var rules in alternatives)
            length += LengthOf(rules);
        Add(JumpIfEqual, number, 0, checked((byte)(length + 1)));
        foreach (var rules in alternatives)
            AddAlternative(rules);
        Add(Return, FailWith | EPERM);
        return this;
    }

    /// <summary>Permits a call if a pointer argument is NULL.</summary>
    public SystemCallFilter PermitIfNull(SystemCall call, int argument)
    {
        if (!TryNumber(call, out var number))
            return this;
        Add(JumpIfEqual, number, 0, 6);
        Add(LoadWord, ArgumentsOffset + 8 * (uint)argument);
        Add(JumpIfEqual, 0, 0, 3);
        Add(LoadWord, ArgumentsOffset + 8 * (uint)argument + 4);
        Add(JumpIfEqual, 0, 0, 1);
        Add(Return, Allow);
        Add(Return, FailWith | EPERM);
        return this;
    }

    /// <summary>Makes the kernel appear to lack a call, so that the C library uses the older one.</summary>
    public SystemCallFilter Hide(SystemCall call)
    {
        if (!TryNumber(call, out var number))
            return this;
        Add(JumpIfEqual, number, 0, 1);
        Add(Return, FailWith | ENOSYS);
        return this;
    }

    /// <summary>The finished program.</summary>
    public FilterInstruction[] Build() => [.. _program, new(Return, 0, 0, FailWith | EPERM)];

    /// <summary>The finished program, which permits every call that was not named.</summary>
    public FilterInstruction[] BuildWithOthersAllowed() => [.. _program, new(Return, 0, 0, Allow)];

    /// <summary>The number of instructions: for each rule load, and, one comparison per value, jump out; then return.</summary>
    private static int LengthOf(ArgumentRule[] rules)
    {
        var length = 1;
        foreach (var rule in rules)
            length += 3 + rule.Values.Length;
        return length;
    }

    /// <summary>Adds code that returns if every rule holds, and otherwise continues after it.</summary>
    private void AddAlternative(ArgumentRule[] rules)
    {
        var end = _program.Count + LengthOf(rules);
        foreach (var rule in rules)
        {
            Add(LoadWord, ArgumentsOffset + 8 * (uint)rule.Argument);
            Add(AndConstant, rule.Mask);
            for (var i = 0; i < rule.Values.Length; i++)
                Add(JumpIfEqual, rule.Values[i], checked((byte)(rule.Values.Length - i)), 0);
            Add(Jump, (uint)(end - _program.Count - 1));
        }

        Add(Return, Allow);
    }

    private bool TryNumber(SystemCall call, out uint number)
    {
        var value = _arm64 ? call.Arm64 : call.X64;
        number = (uint)value;
        return value >= 0;
    }

    private void Add(ushort code, uint constant, byte ifTrue = 0, byte ifFalse = 0) => _program.Add(new(code, ifTrue, ifFalse, constant));
}
