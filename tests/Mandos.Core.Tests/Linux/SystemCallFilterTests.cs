using System.Runtime.InteropServices;
using CsCheck;
using Mandos.Core.Linux;
using Mandos.Core.Linux.Privileges;

namespace Mandos.Core.Tests.Linux;

/// <summary>Runs the filters on an interpreter of the few instructions they use.</summary>
public sealed class SystemCallFilterTests
{
    private const int Read = 0, Write = 1, Socket = 41, PrLimit = 302, Clone3 = 435;
    private static readonly SystemCall ReadCall = new("read", Read, 63);
    private static readonly SystemCall SocketCall = new("socket", Socket, 198);
    private static readonly SystemCall Prlimit = new("prlimit64", PrLimit, 261);
    private static readonly SystemCall Clone3Call = new("clone3", Clone3, 435);
    private static readonly SystemCall OnlyOnX64 = new("poll", 7, -1);

    private static FilterInstruction[] Filter(Architecture architecture = Architecture.X64) => new SystemCallFilter(architecture)
        .Permit(OnlyOnX64).Permit(ReadCall).PermitIf(SocketCall, 0, uint.MaxValue, 2, 10).PermitIfNull(Prlimit, 2).Hide(Clone3Call).Build();

    [Fact]
    public void Permitted_calls_are_allowed_and_all_others_fail_with_EPERM()
    {
        Assert.Equal(SystemCallFilter.Allow, Decide(Read));
        Assert.Equal(SystemCallFilter.Allow, Decide(7));
        Assert.Equal(SystemCallFilter.FailWith | SystemCallFilter.EPERM, Decide(Write));
    }

    [Fact]
    public void The_filter_compares_only_the_low_word_of_an_argument()
    {
        Assert.Equal(SystemCallFilter.Allow, Decide(Socket, 2));
        Assert.Equal(SystemCallFilter.Allow, Decide(Socket, 10));
        Assert.Equal(SystemCallFilter.Allow, Decide(Socket, 0x1_0000_0002));
        Assert.Equal(SystemCallFilter.FailWith | SystemCallFilter.EPERM, Decide(Socket, 16));
    }

    [Fact]
    public void A_pointer_argument_must_be_null_in_both_words()
    {
        Assert.Equal(SystemCallFilter.Allow, Decide(PrLimit, 1, 2, 0));
        Assert.Equal(SystemCallFilter.FailWith | SystemCallFilter.EPERM, Decide(PrLimit, 1, 2, 8));
        Assert.Equal(SystemCallFilter.FailWith | SystemCallFilter.EPERM, Decide(PrLimit, 1, 2, 0x8_0000_0000));
    }

    [Fact]
    public void All_arguments_of_a_rule_must_match_and_alternative_rules_are_independent() =>
        Gen.Select(Gen.UInt[0, 12], Gen.UInt[0, 4], Gen.UInt[0, 18]).Sample((family, type, protocol) =>
    {
        var filter = new SystemCallFilter(Architecture.X64)
            .PermitIf(SocketCall,
                [new(0, uint.MaxValue, 2, 10), new(1, 0xFF, 1), new(2, uint.MaxValue, 0, 6)],
                [new(0, uint.MaxValue, 2, 10), new(1, 0xFF, 2), new(2, uint.MaxValue, 0, 17)])
            .Permit(ReadCall).Build();
        var expected = family is (2 or 10) && ((type == 1 && protocol is (0 or 6)) || (type == 2 && protocol is (0 or 17)));

        Assert.Equal(
            expected, Run(filter, SystemCallFilter.AuditX64, Socket, [family, type | 0x80800, protocol]) == SystemCallFilter.Allow);
        Assert.Equal(SystemCallFilter.Allow, Run(filter, SystemCallFilter.AuditX64, Read, []));
        Assert.Equal(SystemCallFilter.FailWith | SystemCallFilter.EPERM, Run(filter, SystemCallFilter.AuditX64, Write, []));
    });

    [Fact]
    public void A_hidden_system_call_fails_with_ENOSYS() =>
        Assert.Equal(SystemCallFilter.FailWith | SystemCallFilter.ENOSYS, Decide(Clone3));

    [Fact]
    public void A_foreign_architecture_kills_the_process()
    {
        const uint i386 = 0x40000003;
        Assert.Equal(SystemCallFilter.KillProcess, Run(Filter(), i386, Read, []));
        Assert.Equal(SystemCallFilter.KillProcess, Run(Filter(Architecture.Arm64), SystemCallFilter.AuditX64, Read, []));
    }

    [Fact]
    public void System_calls_of_the_x32_ABI_do_not_exist() =>
        Assert.Equal(SystemCallFilter.FailWith | SystemCallFilter.ENOSYS, Decide((int)SystemCallFilter.X32Bit | Read));

    [Fact]
    public void Each_architecture_has_its_own_system_call_numbers()
    {
        Assert.Equal(SystemCallFilter.Allow, Run(Filter(Architecture.Arm64), SystemCallFilter.AuditArm64, 63, []));
        Assert.Equal(
            SystemCallFilter.FailWith | SystemCallFilter.EPERM, Run(Filter(Architecture.Arm64), SystemCallFilter.AuditArm64, Read, []));
        Assert.Equal(
            SystemCallFilter.FailWith | SystemCallFilter.EPERM,
            Run(Filter(Architecture.Arm64), SystemCallFilter.AuditArm64, uint.MaxValue, []));
    }

    [Fact]
    public void A_system_call_is_allowed_if_and_only_if_a_rule_allows_it() =>
        Gen.Select(Gen.Int[0, 500], Gen.ULong, Gen.ULong, Gen.ULong).Sample((number, a, b, c) =>
    {
        var expected = number switch
        {
            Read or 7 => true,
            Socket => (uint)a is 2 or 10,
            PrLimit => c == 0,
            _ => false,
        };
        Assert.Equal(expected, Decide(number, a, b, c) == SystemCallFilter.Allow);
    });

    private static uint Decide(int number, params ulong[] arguments) => Run(Filter(), SystemCallFilter.AuditX64, (uint)number, arguments);

    private static uint Run(FilterInstruction[] program, uint architecture, uint number, ulong[] arguments) =>
        FilterInterpreter.Run(program, architecture, number, arguments);
}
