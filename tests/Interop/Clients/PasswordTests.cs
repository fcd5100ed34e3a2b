namespace Mandos.Interop.Clients;

/// <summary>What our client writes to its standard output, byte for byte, and what it does when it cannot.</summary>
public sealed class PasswordTests : InteropTest
{
    private const int TemporaryFailure = 75;

    public static TheoryData<string> Contents => [.. Password.Odd.Keys];

    [Theory, MemberData(nameof(Contents))]
    public async Task The_password_is_printed_as_it_was_enrolled(string content)
    {
        var pair = await ServedAsync(Password.Odd[content]);
        var done = await MandosClient.RunAsync(pair.Client, Implementation.Ours, Token, $"--connect={Pair.ServerIPv4}:8888");
        Assert.Equal(Password.Odd[content], done.OrThrow().Output);
    }

    [Fact]
    public async Task An_empty_password_succeeds_and_prints_nothing_as_with_the_original()
    {
        var pair = await ServedAsync([]);
        var original = await MandosClient.RunAsync(pair.Client, Implementation.Original, Token, $"--connect={Pair.ServerIPv4}:8888");
        var ours = await MandosClient.RunAsync(pair.Client, Implementation.Ours, Token, $"--connect={Pair.ServerIPv4}:8888");
        Assert.Equal(original.ExitCode, ours.ExitCode);
        Assert.Empty(ours.Output);
    }

    [Fact]
    public async Task Output_to_a_full_device_is_a_temporary_failure()
    {
        var pair = await ServedAsync(Password.Plain);
        var done = await WithOutputAsync(pair, "/dev/full");
        Assert.Equal(TemporaryFailure, done.ExitCode);
    }

    [Fact]
    public async Task A_partially_written_password_is_a_temporary_failure()
    {
        var pair = await ServedAsync(Password.Odd["64 KiB"]);
        await pair.Client.ShellAsync("mkdir /run/small; mount -t tmpfs -o size=8k small /run/small", Token);
        var done = await WithOutputAsync(pair, "/run/small/password");
        Assert.Equal(TemporaryFailure, done.ExitCode);
        var written = pair.Client.ReadFile("/run/small/password");
        Assert.InRange(written.Length, 1, Password.Odd["64 KiB"].Length - 1);
    }

    [Fact]
    public async Task A_closed_output_pipe_is_a_temporary_failure()
    {
        var pair = await ServedAsync(Password.Odd["64 KiB"]);
        var command = $"{{ {Command} --connect={Pair.ServerIPv4}:8888; echo $? >/run/laboratory/exit; }} | true";
        await pair.Client.RunAsync(new(), TimeSpan.FromSeconds(20), Token, "/bin/sh", "-c", command);
        Assert.Equal($"{TemporaryFailure}\n", System.Text.Encoding.ASCII.GetString(pair.Client.ReadFile("/run/laboratory/exit")));
    }

    [Fact]
    public async Task Debug_output_contains_no_secret()
    {
        var pair = await ServedAsync("correct horse battery staple"u8.ToArray());
        var done = await MandosClient.RunAsync(pair.Client, Implementation.Ours, Token, $"--connect={Pair.ServerIPv4}:8888", "--debug");
        Assert.NotEmpty(done.OrThrow().Errors);
        Assert.DoesNotContain("correct horse", done.Errors, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(
            Convert.ToHexString("correct horse"u8), done.Errors.Replace(" ", "", StringComparison.Ordinal),
            StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(Convert.ToBase64String("correct horse"u8)[..16], done.Errors, StringComparison.Ordinal);
    }

    private static string Command => $"{Implementation.Ours.Client} {string.Join(' ', KeySet.ClientOptions)}";

    private static Task<CompletedProcess> WithOutputAsync(Pair pair, string path) => pair.Client.RunAsync(
        new(), TimeSpan.FromSeconds(20), Token, "/bin/sh", "-c", $"exec {Command} --connect={Pair.ServerIPv4}:8888 >{path}");

    private async Task<Pair> ServedAsync(byte[] password)
    {
        var pair = await Pair.MakeAsync(Lab, DebianRelease.Bookworm, DebianRelease.Bookworm, "Curve25519");
        await pair.ServeAsync(Implementation.Ours, password, Token);
        return pair;
    }
}
