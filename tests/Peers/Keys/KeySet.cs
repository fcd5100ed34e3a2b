using System.Security.Cryptography;
using System.Text;
using Mandos.Peers.Chroots;
using Mandos.Peers.Machines;
using Mandos.Peers.Programs;

namespace Mandos.Peers.Keys;

/// <summary>The four key files of one client machine. Test keys only.</summary>
/// <param name="Maker">Whose mandos-keygen made them, and writes stanzas for them.</param>
/// <param name="Files">By file name, as in /etc/keys/mandos.</param>
public sealed record KeySet(Implementation Maker, IReadOnlyDictionary<string, byte[]> Files)
{
    /// <summary>Where a client machine keeps them.</summary>
    public const string Folder = "/etc/keys/mandos";

    /// <summary>Their names.</summary>
    public static readonly IReadOnlyList<string> Names = ["pubkey.txt", "seckey.txt", "tls-privkey.pem", "tls-pubkey.pem"];

    /// <summary>The options that every mandos-client understands.</summary>
    public static readonly IReadOnlyList<string> ClientOptions =
    [
        $"--pubkey={Folder}/pubkey.txt", $"--seckey={Folder}/seckey.txt",
        $"--tls-pubkey={Folder}/tls-pubkey.pem", $"--tls-privkey={Folder}/tls-privkey.pem",
    ];

    /// <summary>How a server knows the client: SHA-256 of the TLS key's SubjectPublicKeyInfo, in hexadecimal.</summary>
    public string KeyId => IdOf(Files["tls-pubkey.pem"]);

    /// <summary>The same of a public key alone, in PEM.</summary>
    public static string IdOf(byte[] publicKey)
    {
        var lines = Encoding.ASCII.GetString(publicKey).Split('\n').Where(l => !l.StartsWith('-'));
        return Convert.ToHexStringLower(SHA256.HashData(Convert.FromBase64String(string.Concat(lines))));
    }

    /// <summary>RSA-4096 and Ed25519 by the original's mandos-keygen of a release; made once and cached.</summary>
    public static async Task<KeySet> OfOriginalAsync(Laboratory laboratory, DebianRelease release, int number = 1)
    {
        var chroot = await Chroot.GetAsync(release, laboratory.Token);
        var folder = await Cache.GetAsync($"keys-{release.Suite}-{number}", chroot, MakeAsync, laboratory.Token);
        return new(Implementation.Original, Names.ToDictionary(n => n, n => File.ReadAllBytes(Path.Combine(folder, n))));

        async Task MakeAsync(string target)
        {
            var machine = await laboratory.MachineAsync("keygen", release);
            var made = await GenerateAsync(machine, Implementation.Original, [], laboratory.Token);
            Directory.CreateDirectory(target);
            foreach (var (name, content) in made)
                await File.WriteAllBytesAsync(Path.Combine(target, name), content, laboratory.Token);
        }
    }

    /// <summary>By our mandos-keygen (Curve25519 unless the options say otherwise), fresh.</summary>
    public static async Task<KeySet> OfOursAsync(Machine machine, CancellationToken cancellationToken, params string[] options) =>
        new(Implementation.Ours, await GenerateAsync(machine, Implementation.Ours, options, cancellationToken));

    /// <summary>Lays the files where the clients' options expect them.</summary>
    public void InstallOn(Machine machine)
    {
        foreach (var (name, content) in Files)
            machine.WriteFile($"{Folder}/{name}", content);
    }

    /// <summary>The section of clients.conf for these keys with a password, by the maker's mandos-keygen.</summary>
    public Task<string> StanzaAsync(Machine machine, byte[] password, CancellationToken cancellationToken, string name = "client") =>
        StanzaAsync(machine, password, Maker, cancellationToken, name);

    /// <summary>The same by a mandos-keygen of choice.</summary>
    public async Task<string> StanzaAsync(
        Machine machine, byte[] password, Implementation writer, CancellationToken cancellationToken, string name = "client")
    {
        const string folder = "/run/laboratory/stanza";
        machine.WriteFile($"{folder}/password", password);
        foreach (var (file, content) in Files)
            machine.WriteFile($"{folder}/keys/{file}", content);
        var done = await machine.RunAsync(
            new(), TimeSpan.FromSeconds(60), cancellationToken, writer.Keygen,
            $"--dir={folder}/keys", $"--passfile={folder}/password", "--no-ssh", $"--name={name}");
        return done.OrThrow().Text;
    }

    private static async Task<Dictionary<string, byte[]>> GenerateAsync(
        Machine machine, Implementation maker, string[] options, CancellationToken cancellationToken)
    {
        const string folder = "/run/laboratory/new-keys";
        await machine.ShellAsync($"rm -rf {folder}; mkdir -p -m 700 {folder}", cancellationToken);
        (await machine.RunAsync(
            new(), TimeSpan.FromMinutes(3), cancellationToken, maker.Keygen, [$"--dir={folder}", "--name=client", .. options])).OrThrow();
        return Names.ToDictionary(n => n, n => machine.ReadFile($"{folder}/{n}"));
    }
}
