using Mandos.Keygen.Hosting;
namespace Mandos.Keygen.Tests;

public sealed class KeygenProgramTests
{
    [Theory]
    [InlineData("--help")]
    [InlineData("--passfile=/dev/null")]
    public async Task Output_that_cannot_be_written_is_an_error(string argument)
    {
        using var directory = new TemporaryDirectory();
        await KeygenRun.MakeKeysAsync(directory);
        var error = new StringWriter();
        var surroundings = new KeygenEnvironment
        {
            Output = new StreamWriter(
                new FileStream(
                    "/dev/full",
                    new FileStreamOptions { Mode = FileMode.Open, Access = FileAccess.Write, BufferSize = 0 }))
            { AutoFlush = true },
            Error = error,
            KeyScan = (_, _) => Task.FromResult<string?>(null),
        };

        Assert.Equal(
            1, await new KeygenProgram(surroundings).RunAsync(["-d", directory.Path, argument], TestContext.Current.CancellationToken));

        Assert.StartsWith("mandos-keygen: error: /dev/full: No space left on device", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_interrupted_run_leaves_the_directory_unchanged()
    {
        using var directory = new TemporaryDirectory();
        using var interruption = new CancellationTokenSource();
        var error = new StringWriter();
        var surroundings = new KeygenEnvironment { Output = TextWriter.Null, Error = error };
        var run = new KeygenProgram(surroundings).RunAsync(
            ["-d", directory.Path, "-n", "client", "-t", "RSA", "-l", "4096"], interruption.Token);
        Assert.NotEmpty(directory.Names);

        await interruption.CancelAsync();

        Assert.Equal(1, await run);
        Assert.Empty(directory.Names);
        Assert.Equal("mandos-keygen: error: interrupted; nothing was changed\n", error.ToString());
    }
}
