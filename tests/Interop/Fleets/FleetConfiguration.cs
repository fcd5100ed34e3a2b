namespace Mandos.Interop.Fleets;

/// <summary>
/// clients.conf of the day. Checks come every three weeks, so only those are seen that the script asks for. (Longer the
/// original's timers do not go.)
/// </summary>
internal static class FleetConfiguration
{
    private const string Defaults =
        """
        [DEFAULT]
        timeout = PT10M
        extended_timeout = PT30M
        interval = P3W
        checker = test -e /srv/alive/%%(host)s


        """;

    /// <summary>In the morning: five clients.</summary>
    public static string Morning(IReadOnlyList<FleetMember> members) => Defaults
        + Section(members, "office")
        // No more than its timeout: a check does not cut the time to boot short.
        + Section(members, "laptop", "extended_timeout = PT10M")
        + Section(members, "cabin", "extended_timeout = PT6S")
        + Section(members, "vault", "approval_delay = PT5M", "approved_by_default = no")
        + Section(members, "shop");

    /// <summary>
    /// In the evening: the laptop is gone, the stranger is none any more, office and shop have other settings and shop another
    /// secret.
    /// </summary>
    public static string Evening(IReadOnlyList<FleetMember> members) => Defaults
        + Section(members, "office", "approval_duration = PT7S")
        + Section(members, "cabin", "extended_timeout = PT6S")
        + Section(members, "vault", "approval_delay = PT5M", "approved_by_default = no")
        + Section(members, "shop", "new", "timeout = PT40M")
        + Section(members, "stranger", "enabled = no");

    private static string Section(IReadOnlyList<FleetMember> members, string name, params string[] settings)
    {
        var member = members.Single(m => m.Name == name);
        var secret = settings is [var first, ..] && member.Secrets.ContainsKey(first) ? first : "first";
        return Stanza.Make(name, member.Keys.KeyId, member.Secrets[secret])
            + $"host = {name}\n{string.Concat(settings.Where(s => s != secret).Select(s => $"{s}\n"))}\n";
    }
}
