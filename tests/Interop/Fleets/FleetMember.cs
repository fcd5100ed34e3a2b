namespace Mandos.Interop.Fleets;

/// <summary>A machine of the fleet, and what the administrator has prepared for it.</summary>
/// <param name="Name">Its name, on the network and in clients.conf.</param>
/// <param name="Number">Its last byte in 10.1.0.0/24 and fd00:1::/64.</param>
/// <param name="Program">Whose client it boots with.</param>
/// <param name="Keys">Its keys.</param>
/// <param name="Secrets">Encrypted passwords, by name.</param>
internal sealed record FleetMember(
    string Name, int Number, Implementation Program, KeySet Keys, IReadOnlyDictionary<string, byte[]> Secrets)
{
    /// <summary>As the bus shows it.</summary>
    public string KeyId => Keys.KeyId.ToUpperInvariant();

    /// <summary>The object on the bus.</summary>
    public string Path => $"/clients/{Name}";

    /// <summary>The password that comes out of the secret of that name.</summary>
    public string Password(string secret) => $"{secret} password of {Name}";

    /// <summary>The machines of the day, with fresh keys.</summary>
    public static async Task<IReadOnlyList<FleetMember>> AllAsync(Laboratory laboratory)
    {
        var machine = await laboratory.MachineAsync("keys", DebianRelease.Trixie);
        return
        [
            // Debian's own RSA keys take half a minute; these are made once and kept.
            await MakeAsync(
                "office", 11, Implementation.Original, await KeySet.OfOriginalAsync(laboratory, DebianRelease.Trixie), "changed"),
            await MakeAsync("laptop", 12, Implementation.Ours, await FreshAsync()),
            await MakeAsync("cabin", 13, Implementation.Original, await FreshAsync()),
            await MakeAsync("vault", 14, Implementation.Original, await FreshAsync()),
            await MakeAsync("shop", 15, Implementation.Ours, await FreshAsync(), "changed", "new"),
            await MakeAsync("stranger", 16, Implementation.Ours, await FreshAsync()),
        ];

        Task<KeySet> FreshAsync() => KeySet.OfOursAsync(machine, laboratory.Token);

        async Task<FleetMember> MakeAsync(string name, int number, Implementation program, KeySet keys, params string[] more)
        {
            var secrets = new Dictionary<string, byte[]>();
            var member = new FleetMember(name, number, program, keys, secrets);
            foreach (var secret in (string[])["first", .. more])
            {
                var password = System.Text.Encoding.UTF8.GetBytes(member.Password(secret));
                secrets[secret] = Stanza.Secret(await keys.StanzaAsync(machine, password, Implementation.Ours, laboratory.Token));
            }

            return member;
        }
    }
}
