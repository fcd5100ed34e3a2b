using System.Globalization;
using System.Text.Json;
using Mandos.Keygen.Failures;

namespace Mandos.Keygen.Disks;

/// <summary>The key slots of a LUKS device, and the tokens that say which slot is for which Mandos server.</summary>
/// <param name="Version">1 or 2.</param>
/// <param name="Slots">The numbers of the slots in use.</param>
/// <param name="Tokens">The numbers of all tokens.</param>
/// <param name="Ours">The slots for Mandos servers.</param>
/// <param name="Salts">With LUKS1, the salt of each slot in use, which is another one when a passphrase is added again.</param>
internal sealed record LuksHeader(
    int Version, IReadOnlyList<int> Slots, IReadOnlyList<int> Tokens, IReadOnlyList<MandosSlot> Ours,
    IReadOnlyDictionary<int, string> Salts)
{
    /// <summary>The type of our tokens.</summary>
    public const string TokenType = "mandos";

    private const int MostSlots1 = 8, MostSlots2 = 32;

    /// <summary>The lowest free slot; null if all are in use.</summary>
    public int? FreeSlot => Free(Slots, Version == 1 ? MostSlots1 : MostSlots2);

    /// <summary>The lowest free token; null if all are in use.</summary>
    public int? FreeToken => Free(Tokens, MostSlots2);

    /// <summary>Parses what <c>cryptsetup luksDump --dump-json-metadata</c> prints for LUKS2.</summary>
    /// <exception cref="KeygenException">It is not that.</exception>
    public static LuksHeader Parse2(string device, string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            var tokens = document.RootElement.GetProperty("tokens").EnumerateObject().ToList();
            return new(
                2, Numbers(document.RootElement.GetProperty("keyslots")), Numbers(document.RootElement.GetProperty("tokens")),
                [.. tokens.Where(token => Text(token.Value, "type") == TokenType).Select(Slot)], new Dictionary<int, string>());
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or FormatException or InvalidOperationException)
        {
            throw new KeygenException($"{device}: cryptsetup prints metadata that is not understood", "cryptsetup 2.4 or newer is needed");
        }
    }

    /// <summary>
    /// Parses what <c>cryptsetup luksDump</c> prints for LUKS1: lines <c>Key Slot 0: ENABLED</c>, each followed by one with the salt.
    /// </summary>
    public static LuksHeader Parse1(string text)
    {
        var salts = new Dictionary<int, string>();
        int? slot = null;
        foreach (var line in text.Split('\n').Select(line => line.Trim()))
        {
            if (line.StartsWith("Key Slot ", StringComparison.Ordinal))
            {
                var isUsed = line.EndsWith(": ENABLED", StringComparison.Ordinal);
                var number = line["Key Slot ".Length..].Split(':')[0];
                slot = isUsed && int.TryParse(number, CultureInfo.InvariantCulture, out var used) ? used : null;
                if (slot is not null)
                    salts[slot.Value] = "";
            }
            else if (slot is not null && line.StartsWith("Salt:", StringComparison.Ordinal))
            {
                salts[slot.Value] = string.Concat(line["Salt:".Length..].Where(char.IsAsciiHexDigit));
            }
        }

        return new(1, [.. salts.Keys.Order()], [], [], salts);
    }

    private static MandosSlot Slot(JsonProperty token) => new(
        token.Value.GetProperty("keyslots").EnumerateArray().Select(slot => (int?)Number(slot.GetString()!)).FirstOrDefault(),
        Number(token.Name), Text(token.Value, "key_id"), Text(token.Value, "server"));

    private static string Text(JsonElement token, string name) =>
        token.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";

    private static List<int> Numbers(JsonElement all) => [.. all.EnumerateObject().Select(one => Number(one.Name))];

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    private static int? Free(IReadOnlyList<int> used, int count) =>
        Enumerable.Range(0, count).Select(number => (int?)number).FirstOrDefault(number => !used.Contains(number!.Value));
}

/// <summary>A key slot whose passphrase only a Mandos server has.</summary>
/// <param name="Slot">The slot; null if it was killed and only its token is left.</param>
/// <param name="Token">The number of its token; null with LUKS1, which has none.</param>
/// <param name="KeyId">The key ID of the client's TLS key.</param>
/// <param name="Server">The server, as it was given to enroll.</param>
internal sealed record MandosSlot(int? Slot, int? Token, string KeyId, string Server);
