using System.Text.Json;

namespace Mandos.Core.Tests.Exchange;

/// <summary>A recorded exchange of the original: what each side sent, and the secrets of the connection (tests/golden/handshake).</summary>
internal sealed class Recording
{
    private Recording(byte[] tlsClientBytes, byte[] tlsServerBytes, Dictionary<string, byte[]> secrets)
    {
        TlsClientBytes = tlsClientBytes;
        TlsServerBytes = tlsServerBytes;
        Secrets = secrets;
    }

    /// <summary>What the Mandos server sent.</summary>
    public byte[] TlsClientBytes { get; }

    /// <summary>What the booting machine sent, without the greeting.</summary>
    public byte[] TlsServerBytes { get; }

    /// <summary>By their names in the NSS key log format.</summary>
    public Dictionary<string, byte[]> Secrets { get; }

    public static Recording Of(string name)
    {
        var sides = new Dictionary<string, MemoryStream> { ["client->server"] = new(), ["server->client"] = new() };
        using var events = JsonDocument.Parse(Golden.Bytes($"handshake/{name}.tcp.json"));
        foreach (var step in events.RootElement.EnumerateArray())
        {
            var data = step[2].GetString()!;
            if (data != "EOF")
                sides[step[1].GetString()!].Write(Convert.FromHexString(data));
        }
        var booting = sides["client->server"].ToArray();
        Assert.Equal("1\r\n"u8.ToArray(), booting[..3]);
        return new(sides["server->client"].ToArray(), booting[3..], ReadSecrets($"handshake/{name}.keylog"));
    }

    private static Dictionary<string, byte[]> ReadSecrets(string file) => !File.Exists(Golden.Path(file)) ? [] :
        File.ReadLines(Golden.Path(file)).Select(line => line.Split(' ')).Where(fields => fields.Length == 3)
            .ToDictionary(fields => fields[0], fields => Convert.FromHexString(fields[2]));
}
