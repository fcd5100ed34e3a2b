using Mandos.Core.Linux.Privileges;

namespace Mandos.Tests;

/// <summary>Runs a system call filter as the kernel does: the few instructions of classic BPF that ours use (bpf(4), seccomp(2)).</summary>
internal static class FilterInterpreter
{
    private const ushort LoadWord = 0x20, AndConstant = 0x54, Jump = 0x05, JumpIfEqual = 0x15, JumpIfNotBelow = 0x35, Return = 0x06;
    private const uint NumberOffset = 0, ArchitectureOffset = 4, ArgumentsOffset = 16;

    /// <summary>What the filter returns for a call; arguments that are left out are 0.</summary>
    internal static uint Run(FilterInstruction[] program, uint architecture, uint number, ulong[] arguments)
    {
        uint accumulator = 0;
        for (var at = 0; ; at++)
        {
            var (code, yes, no, k) = program[at];
            switch (code)
            {
                case LoadWord:
                    accumulator = Load(k);
                    break;
                case AndConstant:
                    accumulator &= k;
                    break;
                case Jump:
                    at += (int)k;
                    break;
                case JumpIfEqual:
                    at += accumulator == k ? yes : no;
                    break;
                case JumpIfNotBelow:
                    at += accumulator >= k ? yes : no;
                    break;
                case Return:
                    return k;
                default:
                    throw new InvalidOperationException($"instruction {code:x}");
            }
        }

        uint Load(uint offset) => offset switch
        {
            NumberOffset => number,
            ArchitectureOffset => architecture,
            >= ArgumentsOffset => Word((offset - ArgumentsOffset) / 8, offset % 8 != 0),
            _ => throw new InvalidOperationException($"offset {offset}"),
        };

        uint Word(uint argument, bool high)
        {
            var value = argument < arguments.Length ? arguments[argument] : 0;
            return (uint)(high ? value >> 32 : value);
        }
    }
}
