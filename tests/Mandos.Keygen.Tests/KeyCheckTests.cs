using System.Text;
using Mandos.Keygen.KeyFiles;

namespace Mandos.Keygen.Tests;

public sealed class KeyCheckTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData]
    [InlineData("--type=RSA", "--length=2048", "--subtype=RSA", "--sublength=2048", "--tls-keytype=rsa")]
    public async Task Keys_made_by_mandos_keygen_are_usable(params string[] kind)
    {
        await KeygenRun.MakeKeysAsync(_directory, kind);
        await AssertFineAsync("the key files can be used\n");
    }

    [Fact]
    public async Task The_secret_is_decrypted_from_a_section_and_from_a_bare_secret()
    {
        await KeygenRun.MakeKeysAsync(_directory);
        var section = await KeygenRun.StanzaAsync(_directory, "correct horse"u8.ToArray(), "--no-ssh");
        using var others = new TemporaryDirectory();
        await KeygenRun.MakeKeysAsync(others);
        var other = await KeygenRun.StanzaAsync(others, "another"u8.ToArray(), "--no-ssh");
        var message = KeygenRun.SecretOf(section);
        foreach (var input
            in new[] { Encoding.ASCII.GetBytes(section), Encoding.ASCII.GetBytes(other + section),
                Encoding.ASCII.GetBytes(Convert.ToBase64String(message)), message })
            await AssertFineAsync("the key files can be used, and the secret can be decrypted with them\n", input);
        await AssertFaultAsync("the secret cannot be decrypted at boot: it is encrypted to another key", Encoding.ASCII.GetBytes(other));
    }

    [Fact]
    public async Task A_truncated_secret_is_reported()
    {
        await KeygenRun.MakeKeysAsync(_directory);
        var message = KeygenRun.SecretOf(await KeygenRun.StanzaAsync(_directory, "correct horse"u8.ToArray(), "--no-ssh"));
        await AssertFaultAsync("the secret is truncated: packet 2 (type 18) lacks at least 3 bytes", message[..^3]);
        await AssertFaultAsync("it is empty", []);
        await AssertFaultAsync("it is not base64", "not base64!"u8.ToArray());
    }

    [Theory]
    [InlineData(KeyDirectory.PublicKey, KeyDirectory.SecretKey)]
    [InlineData(KeyDirectory.TlsPublicKey, KeyDirectory.TlsPrivateKey)]
    public async Task Swapped_key_files_are_reported(string first, string second)
    {
        await KeygenRun.MakeKeysAsync(_directory);
        File.Move(_directory[first], _directory["x"]);
        File.Move(_directory[second], _directory[first]);
        File.Move(_directory["x"], _directory[second]);
        await AssertFaultAsync($"{first} and {second} are swapped");
    }

    [Fact]
    public async Task Each_fault_is_reported_on_its_own_line()
    {
        await KeygenRun.MakeKeysAsync(_directory);
        File.Delete(_directory[KeyDirectory.TlsPrivateKey]);
        await File.WriteAllTextAsync(_directory[KeyDirectory.SecretKey], "nothing", TestContext.Current.CancellationToken);
        var run = new KeygenRun();
        Assert.Equal(1, await run.RunAsync("--check", "-d", _directory.Path));
        var lines = run.Error.ToString()
            .Split('\n')
            .Where(line => line.StartsWith("mandos-keygen: error: ", StringComparison.Ordinal))
            .ToList();
        Assert.Equal(2, lines.Count);
        Assert.Contains(lines, line => line.Contains(KeyDirectory.TlsPrivateKey, StringComparison.Ordinal));
        Assert.Contains(lines, line => line.Contains(KeyDirectory.SecretKey, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Keys_of_different_machines_are_reported()
    {
        await KeygenRun.MakeKeysAsync(_directory);
        using var others = new TemporaryDirectory();
        await KeygenRun.MakeKeysAsync(others);
        File.Copy(others[KeyDirectory.PublicKey], _directory[KeyDirectory.PublicKey], overwrite: true);
        await AssertFaultAsync("belong to different keys");
    }

    /// <summary>What hooks for the initramfs ask about may be as old as the first Mandos.</summary>
    [Theory]
    [InlineData("cv25519")]
    [InlineData("rsa")]
    [InlineData("dsa-elgamal")]
    [InlineData("curves/p256")]
    [InlineData("curves/p384")]
    [InlineData("curves/p521")]
    [InlineData("curves/bp256")]
    [InlineData("curves/bp384")]
    [InlineData("curves/bp512")]
    [InlineData("curves/k256")]
    public async Task OpenPGP_keys_of_every_type_that_the_client_supports_pass_the_check(string kind)
    {
        await UseOpenPgpKeysAsync(kind);
        await AssertFineAsync("the key files can be used\n");
    }

    [Theory]
    [InlineData("Comment below the armor\n")]
    [InlineData("\n\n")]
    public async Task Text_after_the_armor_is_accepted(string text)
    {
        await UseOpenPgpKeysAsync("rsa");
        foreach (var name in new[] { KeyDirectory.PublicKey, KeyDirectory.SecretKey })
            await File.AppendAllTextAsync(_directory[name], text, TestContext.Current.CancellationToken);
        await AssertFineAsync("the key files can be used\n");
    }

    /// <summary>Keys of RFC 9580: what this program encrypts with does not know them.</summary>
    [Fact]
    public async Task Keys_that_only_the_client_can_use_cause_a_warning()
    {
        await KeygenRun.MakeKeysAsync(_directory);
        File.Copy(Golden.Path("openpgp/rfc9580-key.pgp"), _directory[KeyDirectory.SecretKey], overwrite: true);
        File.Copy(Golden.Path("openpgp/rfc9580-cert.pgp"), _directory[KeyDirectory.PublicKey], overwrite: true);
        var (exitCode, output, error) = await RunAsync(null);
        Assert.Equal((0, "the key files can be used\n"), (exitCode, output));
        Assert.StartsWith(
            "mandos-keygen: warning: the boot client can use these OpenPGP keys, but no new secret", error, StringComparison.Ordinal);
    }

    /// <summary>The client decrypts with it all the same, so it is no fault.</summary>
    [Fact]
    public async Task Expired_keys_cause_a_warning()
    {
        await KeygenRun.MakeKeysAsync(_directory, "--expire=1d");
        var run = new KeygenRun();
        Assert.Equal(0, await run.RunAsync("--check", "-d", _directory.Path));
        Assert.Equal("", run.Error.ToString());
        run = new KeygenRun { Time = new(run.Time.GetUtcNow().AddDays(2)) };
        Assert.Equal(0, await run.RunAsync("--check", "-d", _directory.Path));
        Assert.StartsWith(
            "mandos-keygen: warning: the OpenPGP key has expired; the boot client still decrypts", run.Error.ToString(),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--secret=x")]
    [InlineData("--check", "--force")]
    [InlineData("--check", "--passfile=/dev/null")]
    public async Task Incompatible_options_are_refused(params string[] arguments)
    {
        var run = new KeygenRun();
        Assert.Equal(1, await run.RunAsync(["-d", _directory.Path, .. arguments]));
        Assert.Contains("--check", run.Error.ToString(), StringComparison.Ordinal);
    }

    private async Task UseOpenPgpKeysAsync(string kind)
    {
        await KeygenRun.MakeKeysAsync(_directory);
        File.Copy(Golden.Path($"openpgp/{kind}-pubkey.txt"), _directory[KeyDirectory.PublicKey], overwrite: true);
        File.Copy(Golden.Path($"openpgp/{kind}-seckey.txt"), _directory[KeyDirectory.SecretKey], overwrite: true);
    }

    private async Task AssertFineAsync(string output, byte[]? secret = null)
    {
        var run = await RunAsync(secret);
        Assert.Equal((0, output, ""), (run.ExitCode, run.Output, run.Error));
    }

    private async Task AssertFaultAsync(string fault, byte[]? secret = null)
    {
        var run = await RunAsync(secret);
        Assert.Equal((1, ""), (run.ExitCode, run.Output));
        Assert.Contains(fault, run.Error, StringComparison.Ordinal);
        Assert.Contains("hint: ", run.Error, StringComparison.Ordinal);
    }

    private async Task<(int ExitCode, string Output, string Error)> RunAsync(byte[]? secret)
    {
        var run = new KeygenRun { Input = secret ?? [] };
        string[] arguments = secret is null ? ["--check", "-d", _directory.Path] : ["--check", "--secret=-", "-d", _directory.Path];
        return (await run.RunAsync(arguments), run.Output.ToString(), run.Error.ToString());
    }
}
