using System.Text;
using Mandos.Core.Linux.FileDescriptors;
using Mandos.Core.Secrets;
using Mandos.Keygen.Failures;
using Mandos.Keygen.Programs;
using Mandos.Keygen.Tests.Images;

namespace Mandos.Keygen.Tests.Enrolment;

/// <summary>Other programs get their secrets through pipes, and their output comes back whole.</summary>
public sealed class InstalledProgramsTests
{
    private readonly InstalledPrograms _programs = new(TimeProvider.System);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Secrets_arrive_on_their_descriptors()
    {
        using var first = SecretBuffer.CopyOf("one\n"u8);
        using var second = SecretBuffer.CopyOf("two"u8);
        using var third = SecretBuffer.CopyOf("three"u8);

        var result = await _programs.RunAsync(
            new("sh", "-c", "cat; cat /dev/fd/3; cat <&4; echo error >&2; exit 7") { Secrets = [(0, first), (3, second), (4, third)] },
            Token);

        Assert.Equal(new ProgramResult(7, "one\ntwothree", "error\n"), result);
    }

    /// <summary>Any user could have put them there, and root runs mandos-keygen.</summary>
    [Fact]
    public async Task Programs_in_the_current_directory_are_not_run()
    {
        using var folder = new TemporaryDirectory();
        using var keys = new TemporaryDirectory();
        await KeygenRun.MakeKeysAsync(keys);
        ImageFile.Write(folder["image"], ImageFile.Gzip(SampleImage.OfInitramfsTools().ToArchive()));
        foreach (var name in new[] { "gzip", "hostname", "ssh-keyscan" })
        {
            File.WriteAllText(folder[name], $"#!/bin/sh\necho {name} >>{folder["run"]}\n");
            File.SetUnixFileMode(folder[name], UnixFileMode.UserRead | UnixFileMode.UserExecute);
        }

        var result = await _programs.RunAsync(
            new(
                "sh", "-c", "cd \"$0\" && \"$1\" check-image image; \"$1\" --passfile=image --dir=\"$2\"", folder.Path,
                Path.Combine(AppContext.BaseDirectory, "mandos-keygen"), keys.Path),
            Token);

        Assert.Contains("compression gzip", result.Output, StringComparison.Ordinal);
        Assert.Contains("\nkey_id = ", result.Output, StringComparison.Ordinal);
        Assert.False(File.Exists(folder["run"]));
    }

    [Fact]
    public async Task Much_input_and_output_does_not_block()
    {
        var input = Encoding.UTF8.GetBytes(new string('x', 1 << 20));

        var result = await _programs.RunAsync(new("cat") { Input = input }, Token);

        Assert.Equal((0, input.Length), (result.ExitCode, result.Output.Length));
    }

    [Fact]
    public async Task Input_that_is_not_read_is_no_error()
    {
        var result = await _programs.RunAsync(new("true") { Input = new byte[1 << 20] }, Token);

        Assert.True(result.Success);
    }

    [Fact]
    public async Task A_process_that_keeps_the_output_open_does_not_delay_the_result()
    {
        var result = await _programs.RunAsync(new("sh", "-c", "echo a; sleep 600 & echo $!"), Token);

        Assert.StartsWith("a\n", result.Output, StringComparison.Ordinal);
        System.Diagnostics.Process.GetProcessById(int.Parse(result.Output[2..], null)).Kill();
    }

    /// <summary>The program prints and ends just after a wait for its output was in vain.</summary>
    [Fact]
    public void What_a_program_prints_at_its_end_is_not_lost()
    {
        Assert.True(Descriptor.Pipe(out var read, out var write).Ok);
        using (read)
        using (write)
        {
            var asked = 0;
            bool PrintAtTheEnd()
            {
                if (++asked == 2)
                    Assert.True(DescriptorIo.WriteAll(write.Number, "last"u8, out _).Ok);
                return asked >= 2;
            }

            Assert.Equal("last", InstalledPrograms.Read(read.Number, PrintAtTheEnd));
        }
    }

    [Fact]
    public async Task A_program_that_takes_too_long_is_stopped()
    {
        var error = await Assert.ThrowsAsync<MissingAnswerException>(
            () => _programs.RunAsync(new("sleep", "600") { Limit = TimeSpan.FromMilliseconds(50) }, Token));

        Assert.Contains("sleep takes longer than", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_program_is_run_without_a_shell() =>
        Assert.Equal(new ProgramResult(0, "$HOME;\n"), await _programs.RunAsync(new("echo", "$HOME;"), Token));

    [Theory]
    [InlineData("mandos-does-not-exist")]
    [InlineData("sleep")]
    public async Task A_program_that_cannot_be_run_gives_no_result_where_that_is_an_answer(string program)
    {
        IPrograms programs = _programs;

        Assert.Null(await programs.TryRunAsync(new(program, "600") { Limit = TimeSpan.FromMilliseconds(50) }, Token));
    }

    [Fact]
    public async Task A_program_that_is_not_installed_is_named()
    {
        Assert.False(_programs.Has("mandos-does-not-exist"));

        var error = await Assert.ThrowsAsync<KeygenException>(() => _programs.RunAsync(new("mandos-does-not-exist"), Token));

        Assert.Equal("mandos-does-not-exist is not installed", error.Message);
    }

    [Fact]
    public async Task A_cancelled_run_stops_the_program()
    {
        using var source = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var running = _programs.RunAsync(new("sleep", "600"), source.Token);

        await source.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }
}
