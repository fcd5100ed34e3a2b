using System.Text;
using CsCheck;
using Mandos.Core.Keys;
using Mandos.Core.OpenPgp;
using Mandos.Core.OpenPgp.Keys;
using Mandos.Core.OpenPgp.Messages;
using Mandos.Keygen.Keys;
using Microsoft.Extensions.Time.Testing;
using Org.BouncyCastle.Bcpg;
using Org.BouncyCastle.Bcpg.OpenPgp;

namespace Mandos.Keygen.Tests;

public sealed class StanzaTests : IDisposable
{
    private const string NoSsh = "--no-ssh";

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    public static TheoryData<byte[]> Passwords =>
    [
        Array.Empty<byte>(),
        new byte[] { 0 },
        "x"u8.ToArray(),
        "correct horse\n"u8.ToArray(),
        "a\0b\0"u8.ToArray(),
        new byte[] { 0xFF, 0xFE, 0x80, 0x0A, 0x0D },
        Enumerable.Range(0, 64 * 1024).Select(i => (byte)(i * 31 / 7)).ToArray(),
    ];

    [Theory]
    [MemberData(nameof(Passwords))]
    public async Task The_secret_decrypts_to_exactly_the_bytes_of_the_file(byte[] password)
    {
        await KeygenRun.MakeKeysAsync(_directory);
        File.WriteAllBytes(_directory["password"], password);
        var run = new KeygenRun();

        Assert.Equal(0, await run.RunAsync("-d", _directory.Path, "-S", "-F", _directory["password"]));

        Assert.Equal(password, OpenPgpPeer.Read(_directory.Path, KeygenRun.SecretOf(run.Output.ToString())));
    }

    [Theory]
    [MemberData(nameof(Passwords))]
    public async Task The_secret_decrypts_with_the_originals_RSA_keys_too(byte[] password)
    {
        UseGoldenKeys();

        var message = KeygenRun.SecretOf(await KeygenRun.StanzaAsync(_directory, password, NoSsh));

        Assert.Equal(password, OpenPgpPeer.Read(_directory.Path, message));
    }

    [Fact]
    public async Task Any_password_is_decrypted_by_the_boot_client()
    {
        await KeygenRun.MakeKeysAsync(_directory);
        using var secretKeys = SecretKeyRing.Parse(File.ReadAllBytes(_directory["seckey.txt"]));
        var publicKeys = PublicKeyRing.Parse(File.ReadAllBytes(_directory["pubkey.txt"]));

        await Gen.Byte.Array[0, 300].SampleAsync(async password =>
        {
            var message = KeygenRun.SecretOf(await KeygenRun.StanzaAsync(_directory, password, NoSsh));
            var result = MessageReader.Read(message, secretKeys, publicKeys);
            Assert.Equal((MessageOutcome.Decrypted, SignatureState.Valid), (result.Outcome, result.Signature));
            using var plaintext = result.Plaintext!;
            Assert.Equal(password, plaintext.Span.ToArray());
        }, iter: 30);
    }

    [Fact]
    public async Task With_the_recorded_keys_everything_but_the_secret_matches_the_recording()
    {
        UseGoldenKeys();

        var stanza = await KeygenRun.StanzaAsync(_directory, "correct horse\n"u8.ToArray(), NoSsh, "--name=testclient");

        Assert.Equal(Shape(Golden.Text("keygen-passfile-stanza.txt")), Shape(stanza));
    }

    [Fact]
    public async Task Secret_lines_are_indented_base64_of_64_characters_except_the_last()
    {
        await KeygenRun.MakeKeysAsync(_directory);

        var lines = (await KeygenRun.StanzaAsync(_directory, new byte[500], NoSsh))
            .Split('\n')
            .Where(line => line.StartsWith(' '))
            .ToList();

        Assert.All(lines, line => Assert.Matches("^    [A-Za-z0-9+/]{1,64}={0,2}$", line));
        Assert.All(lines.SkipLast(1), line => Assert.Equal(68, line.Length));
    }

    [Fact]
    public async Task The_name_is_the_hostname_unless_it_is_given()
    {
        UseGoldenKeys();

        Assert.StartsWith(
            "[host.example]\nhost = host.example\n", await KeygenRun.StanzaAsync(_directory, [], NoSsh), StringComparison.Ordinal);
        Assert.StartsWith(
            "[other]\nhost = other\n", await KeygenRun.StanzaAsync(_directory, [], NoSsh, "-n", "other"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_percent_sign_is_doubled_where_the_server_expands_it()
    {
        UseGoldenKeys();

        Assert.StartsWith(
            "[50%]\nhost = 50%%\n", await KeygenRun.StanzaAsync(_directory, [], NoSsh, "-n", "50%"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_empty_password_file_still_prints_the_key_ID()
    {
        UseGoldenKeys();
        var run = new KeygenRun();

        Assert.Equal(0, await run.RunAsync("-d", _directory.Path, "-F/dev/null"));

        Assert.Contains(
            "\nkey_id = d99df7b54a7ed79e5e57cdd9c0461686b1f30e43c8edc1f4d248eceb49fcfb23\n", run.Output.ToString(),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_typed_password_is_encrypted_unchanged()
    {
        UseGoldenKeys();
        var run = new KeygenRun { Typed = "pässword" };

        Assert.Equal(0, await run.RunAsync("-d", _directory.Path, "-S", "-p"));

        Assert.Equal("pässword"u8.ToArray(), OpenPgpPeer.Read(_directory.Path, KeygenRun.SecretOf(run.Output.ToString())));
    }

    [Fact]
    public async Task Without_a_TLS_key_there_is_a_warning_and_no_key_ID()
    {
        UseGoldenKeys();
        File.Delete(_directory["tls-pubkey.pem"]);
        var run = new KeygenRun();

        Assert.Equal(0, await run.RunAsync("-d", _directory.Path, "-F/dev/null", "-S"));

        Assert.DoesNotContain("key_id", run.Output.ToString(), StringComparison.Ordinal);
        Assert.StartsWith(
            $"mandos-keygen: warning: {_directory.Path} has no tls-pubkey.pem, ", run.Error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task TLS_keys_of_different_pairs_cause_a_warning()
    {
        UseGoldenKeys();
        File.Copy(Golden.Path("keys/extra-keys_b-pub.pem"), _directory["tls-pubkey.pem"], overwrite: true);
        var run = new KeygenRun();

        Assert.Equal(0, await run.RunAsync("-d", _directory.Path, "-F/dev/null", "-S"));

        Assert.StartsWith(
            $"mandos-keygen: warning: no client can use the TLS keys in {_directory.Path}: ", run.Error.ToString(),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("seckey.txt", null, "seckey.txt does not exist")]
    [InlineData("pubkey.txt", null, "pubkey.txt does not exist")]
    [InlineData("seckey.txt", "garbage", "seckey.txt is not an OpenPGP secret key")]
    [InlineData("pubkey.txt", "garbage", "pubkey.txt is not an OpenPGP public key")]
    [InlineData("tls-pubkey.pem", "garbage", "is not a public key in PEM")]
    [InlineData("tls-pubkey.pem", "-----BEGIN PUBLIC KEY-----\n!!!\n-----END PUBLIC KEY-----\n", "is not a public key in PEM")]
    [InlineData("seckey.txt", "-----BEGIN PGP PRIVATE KEY BLOCK-----\n\n", "seckey.txt is not an OpenPGP secret key")]
    public async Task A_key_file_that_is_missing_or_damaged_is_one_error(string name, string? content, string message)
    {
        UseGoldenKeys();
        File.Delete(_directory[name]);
        if (content is not null)
            File.WriteAllText(_directory[name], content);

        await RefusedAsync(message);
    }

    [Fact]
    public async Task Key_files_of_different_keys_are_refused()
    {
        UseGoldenKeys();
        File.Copy(Golden.Path("openpgp/cv25519-pubkey.txt"), _directory["pubkey.txt"], overwrite: true);

        await RefusedAsync("seckey.txt and pubkey.txt belong to different keys");
    }

    [Fact]
    public async Task Keys_with_a_passphrase_are_refused()
    {
        UseGoldenKeys();
        using var armor = PgpUtilities.GetDecoderStream(File.OpenRead(_directory["seckey.txt"]));
        var locked = PgpSecretKeyRing.CopyWithNewPassword(
            new PgpSecretKeyRing(armor), [], "secret".ToCharArray(), SymmetricKeyAlgorithmTag.Aes256, KernelRandom.Create());
        using (var text = Pem.EncodeOpenPgp("PGP PRIVATE KEY BLOCK", "locked", locked.GetEncoded()))
            File.WriteAllBytes(_directory["seckey.txt"], text.Span);

        await RefusedAsync("seckey.txt has a passphrase");
    }

    [Fact]
    public async Task Expired_keys_are_refused()
    {
        await KeygenRun.MakeKeysAsync(_directory, "--expire=1d");
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 11, 24, 12, 0, 1, TimeSpan.Zero));

        await RefusedAsync("the OpenPGP key has expired", time);
    }

    [Fact]
    public async Task A_password_file_that_cannot_be_read_is_refused()
    {
        UseGoldenKeys();

        await RefusedAsync($"cannot read the password file {_directory["nowhere"]}", file: _directory["nowhere"]);
        await RefusedAsync($"cannot read the password file {_directory.Path}", file: _directory.Path);
    }

    [Fact]
    public async Task An_endless_password_file_is_refused()
    {
        UseGoldenKeys();

        await RefusedAsync("the password file /dev/zero has more than 4194304 bytes", file: "/dev/zero");
    }

    [Fact]
    public async Task Two_messages_with_the_same_password_differ()
    {
        UseGoldenKeys();

        Assert.NotEqual(
            await KeygenRun.StanzaAsync(_directory, "x"u8.ToArray(), NoSsh),
            await KeygenRun.StanzaAsync(_directory, "x"u8.ToArray(), NoSsh));
    }

    private async Task RefusedAsync(string message, FakeTimeProvider? time = null, string file = "/dev/null")
    {
        var run = time is null ? new KeygenRun() : new KeygenRun { Time = time };
        Assert.Equal(1, await run.RunAsync("-d", _directory.Path, "-F", file, "-S"));
        Assert.Equal("", run.Output.ToString());
        Assert.StartsWith("mandos-keygen: error: ", run.Error.ToString(), StringComparison.Ordinal);
        Assert.Contains(message, run.Error.ToString(), StringComparison.Ordinal);
    }

    private void UseGoldenKeys()
    {
        foreach (var name in new[] { "seckey.txt", "pubkey.txt", "tls-privkey.pem", "tls-pubkey.pem" })
            File.Copy(Golden.Path($"keys/{name}"), _directory[name]);
    }

    // The secret differs from run to run, in its length too.
    private static string Shape(string stanza)
    {
        var shape = new StringBuilder();
        foreach (var line in stanza.Split('\n').Where(line => !line.StartsWith(' ')))
            shape.Append(line).Append('\n');
        return shape.ToString();
    }
}
