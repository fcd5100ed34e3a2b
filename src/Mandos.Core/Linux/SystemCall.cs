using System.Runtime.InteropServices;

namespace Mandos.Core.Linux;

/// <summary>A system call's number on the two architectures; -1 where it does not exist.</summary>
public readonly record struct SystemCall(string Name, int X64, int Arm64)
{
    /// <summary>The number on the architecture this process runs on.</summary>
    public int Number => RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? Arm64 : X64;
}
