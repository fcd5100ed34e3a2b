using CsCheck;
using Mandos.Keygen.Stanzas;

namespace Mandos.Keygen.Tests;

public sealed class SshHostKeyTests : IDisposable
{
    private const string Ed25519 = "localhost ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFakeKey+/=\n";

    private readonly TemporaryDirectory _directory = new();

    public SshHostKeyTests()
    {
        foreach (var name in new[] { "seckey.txt", "pubkey.txt", "tls-privkey.pem", "tls-pubkey.pem" })
            File.Copy(Golden.Path($"keys/{name}"), _directory[name]);
    }

    public void Dispose() => _directory.Dispose();

    private async Task<KeygenRun> RunAsync(Func<string, string?> keyScan, params string[] arguments)
    {
        var run = new KeygenRun { KeyScan = keyScan, Watched = true };
        Assert.Equal(0, await run.RunAsync(["-d", _directory.Path, "-F/dev/null", "-n", "client", .. arguments]));
        return run;
    }

    private static string Tail(KeygenRun run) =>
        run.Output.ToString()
            .Split("secret =\n")[1]
            .Split('\n')
            .SkipWhile(line => line.StartsWith(' '))
            .Aggregate("", (all, line) => $"{all}{line}\n");

    [Fact]
    public async Task The_checker_asks_for_the_key_that_was_found()
    {
        var run = await RunAsync(words => words == "-t ed25519 localhost" ? Ed25519 : "");

        Assert.Equal(
            """
            checker = ssh-keyscan -t ed25519 %%(host)s | grep --fixed-strings --line-regexp --quiet --regexp=%%(host)s" %(ssh_fingerprint)s"
            ssh_fingerprint = ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFakeKey+/=


            """, Tail(run));
    }

    [Fact]
    public async Task A_quiet_scan_makes_a_quiet_checker_with_a_two_line_note()
    {
        var lines = Tail(
            await RunAsync(
                words => words == "-q -t ecdsa-sha2-nistp256 localhost" ? "localhost ecdsa-sha2-nistp256 AAAA\n" : "")).Split('\n');

        Assert.StartsWith("# Note: ", lines[0], StringComparison.Ordinal);
        Assert.StartsWith("# ", lines[1], StringComparison.Ordinal);
        Assert.StartsWith("checker = ssh-keyscan -q -t ecdsa-sha2-nistp256 %%(host)s ", lines[2], StringComparison.Ordinal);
        Assert.Equal("ssh_fingerprint = ecdsa-sha2-nistp256 AAAA", lines[3]);
    }

    [Fact]
    public async Task All_key_types_are_scanned_quietly_before_any_is_scanned_verbosely()
    {
        var run = await RunAsync(_ => "");

        Assert.Equal(
            [
                "-q -t ecdsa-sha2-nistp256 localhost", "-q -t ed25519 localhost", "-q -t rsa localhost",
                "-t ecdsa-sha2-nistp256 localhost", "-t ed25519 localhost", "-t rsa localhost",
            ], run.Scans);
        Assert.Contains("note: no SSH server answers", run.Error.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("checker", run.Output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_ssh_keyscan_it_is_tried_only_once()
    {
        var run = await RunAsync(_ => null);

        Assert.Single(run.Scans);
        Assert.DoesNotContain("checker", run.Output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_no_ssh_no_key_is_scanned()
    {
        var run = await RunAsync(_ => Ed25519, "--no-ssh");

        Assert.Empty(run.Scans);
        Assert.DoesNotContain("checker", run.Output.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("# localhost:22 SSH-2.0-OpenSSH_9.2p1 Debian\n" + Ed25519, true)]
    [InlineData("", false)]
    [InlineData("localhost\n", false)]
    [InlineData("localhost ssh-ed25519\n", false)]
    [InlineData("localhost ssh-ed25519 \n", false)]
    [InlineData("localhost ssh-ed25519 AAAA\";rm\n", false)]
    [InlineData("localhost ssh-$(id) AAAA\n", false)]
    [InlineData("localhost ssh-ed25519 AAAA%(secret)s\n", false)]
    public void Only_output_that_looks_like_a_key_is_accepted(string output, bool found) =>
        Assert.Equal(found, SshHostKey.Parse(output, "ed25519", quiet: false) is not null);

    [Fact]
    public void Characters_that_a_shell_or_a_configuration_file_could_misread_are_never_accepted() =>
        Gen.String.Sample(text =>
        {
            if (SshHostKey.Parse($"localhost {text}", "rsa", quiet: false) is not { } key)
                return;
            Assert.All(
                key.KeyType + key.Base64,
                character => Assert.Contains(character, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.@+/="));
        });
}
