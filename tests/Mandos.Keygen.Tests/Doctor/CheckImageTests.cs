using Mandos.Keygen.Tests.Images;

namespace Mandos.Keygen.Tests.Doctor;

/// <summary>The command check-image: its outputs and exit codes.</summary>
public sealed class CheckImageTests
{
    [Fact]
    public async Task A_complete_image_has_no_problem()
    {
        var (exitCode, output, error) = await CheckAsync(SampleImage.OfInitramfsTools());

        Assert.Equal((0, ""), (exitCode, error));
        Assert.EndsWith("no problem found\n", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_warning_is_exit_code_1()
    {
        var image = SampleImage.OfInitramfsTools();
        image.SetMode("conf/conf.d/mandos/seckey.txt", 0b110_100_100);

        Assert.Equal(1, (await CheckAsync(image)).ExitCode);
    }

    [Fact]
    public async Task Disks_of_the_kernel_command_line_in_a_unified_kernel_image_need_no_crypttab()
    {
        var image = SampleImage.OfInitramfsTools();
        image.Add("cryptroot/crypttab", "");
        var unified = UnifiedImageTests.Build(
            (".cmdline", "cryptopts=target=root,source=/dev/vda2"u8.ToArray()), (".initrd", image.ToArchive()));

        Assert.Equal(0, (await CheckAsync(unified)).ExitCode);
        Assert.Equal(2, (await CheckAsync(image)).ExitCode);
    }

    [Theory]
    [InlineData("needs one file")]
    [InlineData("needs one file", "a", "b")]
    [InlineData("unrecognized option '--nosuch'", "--nosuch")]
    [InlineData("cannot read /nonexistent: No such file or directory", "/nonexistent")]
    public async Task What_cannot_be_checked_is_one_error_and_exit_code_3(string message, params string[] arguments)
    {
        var run = new KeygenRun();

        Assert.Equal(3, await run.RunAsync(["check-image", .. arguments]));

        Assert.StartsWith($"mandos-keygen check-image: error: {message}\nhint: ", run.Error.ToString(), StringComparison.Ordinal);
        Assert.Equal("", run.Output.ToString());
    }

    private static Task<(int ExitCode, string Output, string Error)> CheckAsync(SampleImage image) => CheckAsync(image.ToArchive());

    private static async Task<(int ExitCode, string Output, string Error)> CheckAsync(byte[] content)
    {
        using var directory = new TemporaryDirectory();
        ImageFile.Write(directory["image"], content);
        var run = new KeygenRun();
        var exitCode = await run.RunAsync("check-image", directory["image"]);
        return (exitCode, run.Output.ToString(), run.Error.ToString());
    }
}
