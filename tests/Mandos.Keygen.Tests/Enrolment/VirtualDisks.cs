using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Mandos.Core.Secrets;
using Mandos.Keygen.Failures;
using Mandos.Keygen.Programs;

namespace Mandos.Keygen.Tests.Enrolment;

/// <summary>A stand-in for cryptsetup and LUKS devices, because a test without root has none; the real ones are in tests/Interop.</summary>
internal sealed class VirtualDisks : IPrograms
{
    /// <summary>A device: its passphrases by slot, and its tokens.</summary>
    public sealed record Disk(int Version, SortedDictionary<int, string> Slots, SortedDictionary<int, JsonObject> Tokens);

    public Dictionary<string, Disk> Disks { get; } = [];

    /// <summary>Every command line.</summary>
    public List<string> Calls { get; } = [];

    /// <summary>The words of a command that fails, for example <c>token import</c>.</summary>
    public string? Broken { get; set; }

    /// <summary>What is on all devices, to be compared.</summary>
    public string State => string.Join(
        '\n',
        Disks.Select(
            disk => $"{disk.Key} {string.Join(' ', disk.Value.Slots)} "
                + string.Join(' ', disk.Value.Tokens.Select(token => $"{token.Key}={token.Value.ToJsonString()}"))));

    public void Add(string device, string passphrase, int version = 2) =>
        Disks[device] = new(version, new() { [0] = passphrase }, []);

    public bool Has(string program) => program == "cryptsetup";

    public Task<ProgramResult> RunAsync(ProgramCall call, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var line = string.Join(' ', call.Arguments);
        Calls.Add($"{call.Program} {line}");
        Assert.Equal("cryptsetup", call.Program);
        if (Broken is { } broken && line.StartsWith(broken, StringComparison.Ordinal))
            return Task.FromResult(new ProgramResult(1, Errors: $"{broken} is broken"));
        return Task.FromResult(Run(call, line));
    }

    private ProgramResult Run(ProgramCall call, string line)
    {
        var words = call.Arguments;
        var device = words[words.ToList().IndexOf("--") + 1];
        if (!Disks.TryGetValue(device, out var disk))
            return new(1, Errors: $"Device {device} is not a valid LUKS device.");
        var slot = Number(words, "--key-slot=");
        var token = Number(words, "--token-id=");
        switch (line.Split(' ')[0])
        {
            case "open":
                var passphrase = Text(call.Secrets.Single(secret => secret.Descriptor == 0).Content);
                return new(disk.Slots.Any(one => (slot is null || one.Key == slot) && one.Value == passphrase) ? 0 : 2);
            case "isLuks":
                return new(disk.Version == 2 ? 0 : 1);
            case "luksDump":
                return new(0, Output: disk.Version == 2 ? Json(disk) : Dump(disk));
            case "luksUUID":
                return new(0, Output: $"uuid-of-{device}\n");
            case "luksAddKey":
                if (!disk.Slots.ContainsValue(Text(call.Secrets[0].Content)))
                    return new(2);
                disk.Slots.Add(slot!.Value, Text(call.Secrets[1].Content));
                return new(0);
            case "luksKillSlot":
                return new(disk.Slots.Remove(int.Parse(words[^1], null)) ? 0 : 1);
            case "token" when words[1] == "import":
                disk.Tokens.Add(token!.Value, JsonNode.Parse(call.Input.Span)!.AsObject());
                return new(0);
            case "token" when words[1] == "remove":
                return new(disk.Tokens.Remove(token!.Value) ? 0 : 1);
            default:
                throw new KeygenException($"unknown command {line}");
        }
    }

    private static string Text(SecretBuffer content) => Encoding.UTF8.GetString(content.Span);

    private static int? Number(IReadOnlyList<string> words, string prefix) =>
        words.FirstOrDefault(word => word.StartsWith(prefix, StringComparison.Ordinal)) is { } word
            ? int.Parse(word[prefix.Length..], null)
            : null;

    private static string Json(Disk disk) => JsonSerializer.Serialize(
        new Dictionary<string, object>
        {
            ["keyslots"] = disk.Slots.Keys.ToDictionary(slot => $"{slot}", _ => new { type = "luks2" }),
            ["tokens"] = disk.Tokens.ToDictionary(token => $"{token.Key}", token => token.Value),
        });

    private static string Dump(Disk disk) => string.Concat(
        Enumerable.Range(0, 8).Select(
            slot => disk.Slots.TryGetValue(slot, out var passphrase)
                ? $"Key Slot {slot}: ENABLED\n\tSalt:    \t{Convert.ToHexString(Encoding.UTF8.GetBytes(passphrase)[..3])} 0a\n\t        0b 0c\n"
                : $"Key Slot {slot}: DISABLED\n"));
}
