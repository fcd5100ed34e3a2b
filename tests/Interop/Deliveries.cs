namespace Mandos.Interop;

/// <summary>
/// Many encrypted passwords through the published programs: one server has them all, under a TLS key each; the client
/// fetches one after the other.
/// </summary>
internal sealed class Deliveries(Laboratory laboratory, Machine machine)
{
    private readonly List<(string Name, KeySet Keys, byte[] Secret)> _letters = [];

    /// <summary>Adds a message and the OpenPGP keys the client has when it fetches it.</summary>
    public async Task AddAsync(string name, byte[] publicKey, byte[] secretKey, byte[] message)
    {
        await machine.ShellAsync(
            "cd /run/laboratory; openssl genpkey -algorithm ed25519 -out private.pem; openssl pkey -in private.pem -pubout -out public.pem",
            laboratory.Token);
        var keys = new KeySet(Implementation.Ours, new Dictionary<string, byte[]>
        {
            ["pubkey.txt"] = publicKey,
            ["seckey.txt"] = secretKey,
            ["tls-privkey.pem"] = machine.ReadFile("/run/laboratory/private.pem"),
            ["tls-pubkey.pem"] = machine.ReadFile("/run/laboratory/public.pem"),
        });
        _letters.Add((name, keys, message));
    }

    /// <summary>What our client prints for each; for one that it does not open, why not.</summary>
    public async Task<Dictionary<string, string>> FetchAllAsync()
    {
        var sections = _letters.Select((l, i) => Stanza.Make($"letter{i}", l.Keys.KeyId, l.Secret));
        await MandosServer.StartAsync(machine, Implementation.Ours, new() { Clients = string.Join('\n', sections) }, laboratory.Token);
        var results = new Dictionary<string, string>();
        foreach (var (name, keys, _) in _letters)
        {
            keys.InstallOn(machine);
            await using var client = MandosClient.Start(machine, Implementation.Ours, "--connect=127.0.0.1:8888", "--debug");
            try
            {
                var done = await client.WaitAsync(TimeSpan.FromSeconds(5), laboratory.Token);
                results[name] = Show(done.OrThrow().Output);
            }
            catch (TimeoutException e)
            {
                results[name] = e.Message;
            }
        }

        return results;
    }

    /// <summary>Bytes in a form that a failed comparison can show.</summary>
    public static string Show(byte[] bytes) => bytes.Length > 200
        ? $"{bytes.Length} bytes, SHA-256 {Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(bytes))}"
        : Convert.ToHexStringLower(bytes);
}
