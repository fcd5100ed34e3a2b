namespace Mandos.Interop;

/// <summary>Keys that are all there, and that the boot client cannot use.</summary>
/// <param name="Damage">A shell command that makes them so, in their folder; the keys of another machine lie in $other.</param>
/// <param name="Fault">What mandos-keygen --check says.</param>
internal sealed record UselessKey(string Damage, string Fault)
{
    /// <summary>Goes before the damage.</summary>
    public const string Prepare = "other=$(mktemp -d); mandos-keygen --dir $other --name other; cd /etc/keys/mandos; ";

    public static IReadOnlyList<UselessKey> All { get; } =
    [
        new("cp $other/tls-privkey.pem .", "do not match"),
        new("cp $other/pubkey.txt .", "seckey.txt and pubkey.txt belong to different keys"),
        new("mv pubkey.txt x; mv seckey.txt pubkey.txt; mv x seckey.txt", "pubkey.txt and seckey.txt are swapped"),
        new("head -c 300 seckey.txt >x; mv x seckey.txt", "error: seckey.txt: "),
        new("echo nonsense >pubkey.txt", "error: pubkey.txt: "),
        new("cp tls-pubkey.pem tls-privkey.pem", "error: tls-pubkey.pem and tls-privkey.pem: "),
        new("sed -i /END/d tls-pubkey.pem", "error: tls-pubkey.pem and tls-privkey.pem: "),
    ];
}
