using System.Diagnostics;

namespace Mandos.Client.Tests;

/// <summary>The guard that looks at the published file, on files that it must refuse.</summary>
public sealed class StaticGuardTests : IDisposable
{
    private readonly string _file = Path.GetTempFileName();

    public void Dispose() => File.Delete(_file);

    [Fact]
    public void The_guard_accepts_a_static_program()
    {
        var (exitCode, error) = Guard(Executable("mandos"));
        Assert.True(exitCode == 0, error);
    }

    [Theory]
    [InlineData("libssl.so.3")]
    [InlineData("libcrypto.so")]
    public void Code_that_loads_libssl_is_refused(string name)
    {
        var (exitCode, error) = Guard(Executable(name));
        Assert.Equal(1, exitCode);
        Assert.Contains(name.Split('.')[0], error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_dynamically_linked_program_is_refused()
    {
        var (exitCode, error) = Guard(File.ReadAllBytes(Environment.ProcessPath!));
        Assert.Equal(1, exitCode);
        Assert.Contains("not static", error, StringComparison.Ordinal);
    }

    /// <summary>ET_EXEC; such a program has the same addresses on each machine and at each start.</summary>
    [Fact]
    public void A_program_that_is_not_position_independent_is_refused()
    {
        var (exitCode, error) = Guard(Executable("mandos", type: 2));
        Assert.Equal(1, exitCode);
        Assert.Contains("not position independent", error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_not_an_executable_is_refused()
    {
        var (exitCode, error) = Guard("a text"u8.ToArray());
        Assert.Equal(1, exitCode);
        Assert.Contains("not an executable", error, StringComparison.Ordinal);
    }

    /// <summary>An ELF header without any program header, ET_DYN if not said otherwise, and a text.</summary>
    private static byte[] Executable(string text, byte type = 3)
    {
        var header = new byte[64];
        byte[] start = [0x7F, (byte)'E', (byte)'L', (byte)'F', 2, 1, 1];
        start.CopyTo(header, 0);
        header[16] = type;
        header[18] = 62; // EM_X86_64
        header[20] = 1;
        header[52] = 64;
        return [.. header, .. System.Text.Encoding.ASCII.GetBytes(text)];
    }

    private (int ExitCode, string Error) Guard(byte[] content)
    {
        File.WriteAllBytes(_file, content);
        var start = new ProcessStartInfo(
            "sh", [Path.Combine(Golden.Root, "src", "native", "guard-static.sh"), _file])
        { RedirectStandardError = true };
        using var guard = Process.Start(start)!;
        var error = guard.StandardError.ReadToEnd();
        guard.WaitForExit();
        return (guard.ExitCode, error);
    }
}
