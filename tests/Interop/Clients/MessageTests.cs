namespace Mandos.Interop.Clients;

/// <summary>OpenPGP messages that others wrote, opened by the published client.</summary>
public sealed class MessageTests : InteropTest
{
    /// <summary>gpg's options, by what they make of the message.</summary>
    private static readonly Dictionary<string, string> FormsByName = new()
    {
        ["as mandos-keygen"] = "--sign",
        ["not signed"] = "",
        ["not compressed"] = "--sign --compress-algo=none",
        ["not signed, not compressed"] = "--compress-algo=none",
        ["zip"] = "--sign --compress-algo=zip",
        ["bzip2"] = "--sign --compress-algo=bzip2",
        ["armored"] = "--sign --armor",
        ["armored, not signed, not compressed"] = "--armor --compress-algo=none",
        ["AES-128"] = "--sign --cipher-algo=AES128",
        ["3DES"] = "--sign --cipher-algo=3DES",
        ["CAST5"] = "--sign --cipher-algo=CAST5",
        ["Twofish"] = "--sign --cipher-algo=TWOFISH",
        ["Camellia"] = "--sign --cipher-algo=CAMELLIA256",
        ["hidden recipient"] = "--sign --throw-keyids",
        ["SHA-256"] = "--sign --digest-algo=SHA256",
    };

    public static TheoryData<string, string> Keys
    {
        get
        {
            var keys = new TheoryData<string, string>();
            foreach (var release in DebianRelease.All)
            {
                keys.Add(release.Suite, "RSA-4096");
                keys.Add(release.Suite, "Curve25519");
                keys.Add(release.Suite, "Curve25519 by gpg");
                keys.Add(release.Suite, "NIST P-384 by gpg");
                keys.Add(release.Suite, "brainpool P256r1 by gpg");
            }

            return keys;
        }
    }

    [Theory, MemberData(nameof(Keys))]
    public async Task Our_client_decrypts_what_gpg_encrypts(string release, string kind)
    {
        var machine = await Lab.MachineAsync("client", DebianRelease.Named(release), await Lab.SwitchAsync());
        var (publicKey, secretKey) = await OpenPgpKeysAsync(machine, DebianRelease.Named(release), kind);
        machine.WriteFile("/run/laboratory/seckey.txt", secretKey);
        await machine.ShellAsync("gpg --batch --import /run/laboratory/seckey.txt", Token);
        var deliveries = new Deliveries(Lab, machine);
        var expected = new Dictionary<string, string>();
        foreach (var (form, options) in Forms(release, kind))
        {
            foreach (var (content, password)
                in Password.Odd.Append(new("plain", Password.Plain)).Where(p => form == "as mandos-keygen" || p.Key is "plain" or "64 KiB"))
            {
                machine.WriteFile("/run/laboratory/password", password);
                await machine.ShellAsync(
                    $"gpg --batch --yes --trust-model=always --encrypt {options} --recipient client --output /run/laboratory/message "
                        + "/run/laboratory/password",
                    Token);
                var name = $"{form}: {content}";
                await deliveries.AddAsync(name, publicKey, secretKey, machine.ReadFile("/run/laboratory/message"));
                expected[name] = Deliveries.Show(password);
            }
        }

        Assert.Equal(expected, await deliveries.FetchAllAsync());
    }

    [Fact]
    public async Task Our_client_decrypts_what_sq_encrypts()
    {
        var machine = await Lab.MachineAsync("client", DebianRelease.Trixie, await Lab.SwitchAsync());
        var deliveries = new Deliveries(Lab, machine);
        var expected = new Dictionary<string, string>();
        foreach (var kind in new[] { "RSA-4096", "Curve25519" })
        {
            var (publicKey, secretKey) = await OpenPgpKeysAsync(machine, DebianRelease.Trixie, kind);
            machine.WriteFile("/run/laboratory/pubkey.txt", publicKey);
            machine.WriteFile("/run/laboratory/password", Password.Plain);
            await machine.ShellAsync(
                "rm -f /run/laboratory/message; sq encrypt --without-signature --binary --for-file=/run/laboratory/pubkey.txt "
                    + "--output=/run/laboratory/message /run/laboratory/password",
                Token);
            await deliveries.AddAsync(kind, publicKey, secretKey, machine.ReadFile("/run/laboratory/message"));
            expected[kind] = Deliveries.Show(Password.Plain);
        }

        Assert.Equal(expected, await deliveries.FetchAllAsync());
    }

    [Fact]
    public async Task Our_client_decrypts_every_recorded_message()
    {
        var machine = await Lab.MachineAsync("client", DebianRelease.Trixie, await Lab.SwitchAsync());
        var deliveries = new Deliveries(Lab, machine);
        var expected = new Dictionary<string, string>();
        foreach (var path in Directory.EnumerateFiles(Golden.Path("openpgp"), "*.pgp"))
        {
            var name = Path.GetFileName(path);
            // A key of version 6 and what was encrypted to it: beyond what any key tool of Mandos makes.
            if (name.StartsWith("rfc9580", StringComparison.Ordinal))
                continue;
            // The one whose name says nothing was made by mandos-keygen for the RSA key.
            var kind = name switch
            {
                _ when name.StartsWith("cv25519", StringComparison.Ordinal) => "cv25519",
                _ when name.StartsWith("dsa-elgamal", StringComparison.Ordinal) => "dsa-elgamal",
                _ => "rsa",
            };
            var plain = name switch
            {
                _ when name.Contains("ocb-big", StringComparison.Ordinal) => $"openpgp/ocb-big.{kind}.bin",
                _ when name.Contains("-text-", StringComparison.Ordinal) => "openpgp/text-crlf.bin",
                _ => "openpgp/plain.bin",
            };
            await deliveries.AddAsync(
                name, Golden.Bytes($"openpgp/{kind}-pubkey.txt"), Golden.Bytes($"openpgp/{kind}-seckey.txt"),
                await File.ReadAllBytesAsync(path, Token));
            expected[name] = Deliveries.Show(Golden.Bytes(plain));
        }

        await deliveries.AddAsync(
            "secret-blob", Golden.Bytes("keys/pubkey.txt"), Golden.Bytes("keys/seckey.txt"), Golden.Bytes("secret-blob.pgp"));
        expected["secret-blob"] = Deliveries.Show(Golden.Bytes("secret-plaintext.bin"));
        Assert.True(expected.Count > 15, "recorded messages are missing");
        Assert.Equal(expected, await deliveries.FetchAllAsync());
    }

    private static IEnumerable<KeyValuePair<string, string>> Forms(string release, string kind)
    {
        // A curve wants its own digest size at least.
        var forms = FormsByName.Where(form => form.Key != "SHA-256" || kind != "NIST P-384 by gpg");
        return release == "trixie"
            ? forms.Select(form => form.Key is "3DES" or "CAST5" ? new(form.Key, form.Value + " --allow-old-cipher-algos") : form)
                .Append(new("OCB", "--sign --force-ocb")).Append(new("OCB in small chunks", "--force-ocb --chunk-size=6"))
            : forms;
    }

    private async Task<(byte[] Public, byte[] Secret)> OpenPgpKeysAsync(Machine machine, DebianRelease release, string kind)
    {
        (string Signing, string Encryption)? curves = kind switch
        {
            "Curve25519 by gpg" => ("ed25519", "cv25519"),
            "NIST P-384 by gpg" => ("nistp384", "nistp384"),
            "brainpool P256r1 by gpg" => ("brainpoolP256r1", "brainpoolP256r1"),
            _ => null,
        };
        if (curves is { } by)
        {
            await machine.ShellAsync(
                $"gpg --batch --pinentry-mode=loopback --passphrase= --quick-generate-key client {by.Signing} cert,sign,auth never;"
                + $"gpg --batch --pinentry-mode=loopback --passphrase= --quick-add-key $(gpg --with-colons --list-keys client | sed "
                    + $"-n 's/^fpr:*\\([0-9A-F]*\\):/\\1/p' | head -1) {by.Encryption} encr never;"
                + "gpg --batch --armor --export >/run/laboratory/public; gpg --batch --armor --export-secret-keys >/run/laboratory/secret",
                Token);
            return (machine.ReadFile("/run/laboratory/public"), machine.ReadFile("/run/laboratory/secret"));
        }

        var keys = kind == "RSA-4096" ? await KeySet.OfOriginalAsync(Lab, release) : await KeySet.OfOursAsync(machine, Token);
        return (keys.Files["pubkey.txt"], keys.Files["seckey.txt"]);
    }
}
