using Mandos.Core.Secrets;
using Mandos.Keygen.Commands;
using Mandos.Keygen.Enrolment;
using Mandos.Keygen.Failures;
using Microsoft.Extensions.Time.Testing;

namespace Mandos.Keygen.Tests.Enrolment;

/// <summary>The command lines of enroll, unenroll and rotate, before anything is done, and their lines of progress.</summary>
public sealed class EnrolmentCommandTests
{
    private readonly StringWriter _output = new();
    private readonly StringWriter _error = new();

    [Theory]
    [InlineData("no server was given", "enroll")]
    [InlineData("no server was given", "enroll", "--step=section")]
    [InlineData("'-x' is not a valid server", "enroll", "--", "-x")]
    [InlineData("one server at a time, not 2", "enroll", "a", "b")]
    [InlineData("'mail' is not a valid value of --via", "enroll", "a", "--via=mail")]
    [InlineData("there is no step 'nix'", "enroll", "a", "--step=nix")]
    [InlineData("the step slot is not part of this run", "enroll", "a", "--step=slot")]
    [InlineData("the step rehearsal is not part of this run", "unenroll", "a", "--step=rehearsal")]
    [InlineData("there is no terminal to ask on", "unenroll", "a")]
    [InlineData("no server was given", "rotate")]
    [InlineData("--finish and --abort cannot be used together", "rotate", "a", "--finish", "--abort")]
    [InlineData("option '--force' needs --finish", "rotate", "a", "--force")]
    [InlineData("the step boot is not part of this run", "rotate", "a", "--step=boot")]
    [InlineData("there is no step 'nix'", "rotate", "a", "--step=nix")]
    public async Task What_cannot_be_done_is_refused_before_the_first_step(string message, string command, params string[] arguments)
    {
        var error = await Assert.ThrowsAsync<KeygenException>(() => RunAsync(command, Surroundings(), arguments));

        Assert.StartsWith(message, error.Message, StringComparison.Ordinal);
        Assert.NotNull(error.Hint);
        Assert.Equal("", _output.ToString() + _error);
    }

    [Fact]
    public async Task Only_root_can_enrol()
    {
        var error = await Assert.ThrowsAsync<KeygenException>(() => RunAsync("enroll", Surroundings() with { IsRoot = false }, "a"));

        Assert.Equal("run this as root", error.Hint);
    }

    [Theory]
    [InlineData("--frob", "mandos-keygen enroll: error: unrecognized option '--frob'")]
    [InlineData("--passfile", "mandos-keygen enroll: error: option '--passfile' requires an argument")]
    public async Task A_usage_error_has_exit_code_1(string argument, string message)
    {
        Assert.Equal(1, await RunAsync("enroll", Surroundings(), argument));

        Assert.StartsWith(message, _error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_program_runs_a_command_by_its_name_and_reports_its_errors()
    {
        var run = new KeygenRun();

        Assert.Equal(1, await run.RunAsync("enroll"));

        Assert.StartsWith("mandos-keygen enroll: error: no server was given\nhint: ", run.Error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("no")]
    public async Task Unenroll_asks_and_takes_only_yes_for_yes(string? answer)
    {
        var surroundings = Surroundings() with { CanAsk = true, ReadAnswer = () => answer };

        var error = await Assert.ThrowsAsync<KeygenException>(() => RunAsync("unenroll", surroundings, "a", "--keys"));

        Assert.Equal("nothing was changed", error.Message);
        Assert.Equal(
            "a will not send the password of this machine any more, and its keys are removed. Go on? [y/N] ", _error.ToString());
    }

    [Fact]
    public async Task Unenroll_goes_on_after_yes()
    {
        using var keys = new TemporaryDirectory();
        await KeygenRun.MakeKeysAsync(keys);
        using var site = new EnrolmentSite();
        var surroundings = Surroundings() with { CanAsk = true, ReadAnswer = () => "Y", Programs = site.Disks, Images = site };

        Assert.Equal(0, await RunAsync("unenroll", surroundings, $"--dir={keys.Path}", "--device=/dev/null", "--step=initramfs"));

        Assert.Equal("the step initramfs is done\n", _output.ToString());
        Assert.Equal(1, site.Builds);
    }

    [Fact]
    public void At_a_terminal_the_mark_of_a_line_changes()
    {
        var progress = new ProgressLines(_error, watched: true, coloured: false);

        progress.Begin(new DisksStep());
        progress.End(new DisksStep(), new("/dev/sda", AlreadyThere: true) { Warnings = ["a warning"] });

        Assert.Equal(
            "[ .. ] find the disks that are opened at boot\r\u001b[K"
                + "[same] find the disks that are opened at boot: already there: /dev/sda\n[note] a warning\n",
            _error.ToString());
    }

    [Fact]
    public void Colours_are_only_in_the_mark()
    {
        new ProgressLines(_error, watched: false, coloured: true).Fail(new DisksStep());

        Assert.Equal("[\u001b[31mFAIL\u001b[0m] find the disks that are opened at boot\n", _error.ToString());
    }

    private static Task<int> RunAsync(string command, CommandSurroundings surroundings, params string[] arguments) =>
        Subcommands.All.OfType<EnrolmentCommand>().Single(one => one.Name == command)
            .RunAsync(arguments, surroundings, TestContext.Current.CancellationToken);

    private CommandSurroundings Surroundings() => new()
    {
        Output = _output,
        Error = _error,
        IsRoot = true,
        Variable = _ => null,
        Time = new FakeTimeProvider(),
        AskPassphrase = _ => new SecretBuffer(1),
        ReadAnswer = () => throw new InvalidOperationException("asked"),
        HostName = _ => Task.FromResult("host.example"),
        KeyScan = (_, _) => Task.FromResult<string?>(null),
        MakeKeys = (_, _, _) => throw new InvalidOperationException("made keys"),
        Programs = new VirtualDisks(),
    };
}
