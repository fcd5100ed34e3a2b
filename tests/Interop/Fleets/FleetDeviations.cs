namespace Mandos.Interop.Fleets;

/// <summary>Everything in which a day with our server differs from one with the original's, and why: see docs/differences.md.</summary>
internal static class FleetDeviations
{
    private const string WholeTimeout =
        "a client has its whole timeout from the start, and from when it was enabled, whose first check comes at once";
    private const string ToldOnce = "a request for approval is noted once, not once for each interface";
    private const string DisabledGetsNothing = "a client that is disabled while its approval is pending gets nothing";
    private const string BadTemplate = "a checker with an unknown attribute is a check that failed, and the server says why";
    private const string WaitStatus = "CheckerCompleted carries the real wait status";
    private const string Stops = "the server stops also while a client waits, whose wait ends first";
    private const string TimeToBoot = "a check that succeeds does not cut short the time that a client has to boot";
    private const string LastEnabled = "a client that is disabled keeps the time when it was last enabled over a restart";

    public static IReadOnlyList<FleetDeviation> All { get; } =
    [
        // Afterwards the time goes on as it was restored, or as the file says.
        new(WholeTimeout, "", "", 12, ["Expires = far away"], []),
        .. Enabled("the vault is approved before it asks", "vault", "in 10 min"),
        .. Enabled("the shop is enabled", "shop", "in 20 min"),
        .. Enabled("the cabin is given more time", "cabin", "in 10 min"),
        .. Enabled("the evening", "stranger", "in 10 min"),

        Asked("the vault is approved", "300000, False"),
        Asked("the vault is denied", "300000, False"),
        Asked("no decision about the vault, which means yes", "3000, True"),
        Asked("no decision about the vault, which means no", "3000, False"),
        Asked("the vault is disabled while it waits", "3000, True"),

        new(DisabledGetsNothing, "the vault is disabled while it waits", "vault", 1, ["both GotSecret()"], ["both Rejected('Disabled')"]),
        new(
            DisabledGetsNothing, "the vault is disabled while it waits", "machine vault", 1,
            ["exit code 0, got its first password"], ["still waits, got nothing"]),

        new(
            WaitStatus, "a check is killed", "office", 1,
            ["both CheckerCompleted(-1, -247, 'kill -9 $$')"], ["both CheckerCompleted(-1, 9, 'kill -9 $$')"]),

        // That it failed was known: the one before was killed.
        new(BadTemplate, "a check that cannot be made", "office", 1, [], ["both CheckerCompleted(-1, 32512, 'test %(nosuch)s')"]),
        new(BadTemplate, "a check that cannot be made", "mandos-ctl", 1, ["a traceback", "exit code 1"], ["exit code 0"]),

        new(Stops, "the server stops in the middle of everything", "server", 1, ["does not end and is killed"], ["exit code 0"]),
        new(
            $"{ToldOnce}; {Stops}", "the server stops in the middle of everything", "vault", 1, [.. AskedTwice("5000, False")],
            ["both NeedApproval(5000, False)", "ApprovalPending = False"]),

        new(TimeToBoot, "the office is checked", "office", 1, ["Expires = in 10 min"], []),
        new(TimeToBoot, "the office answers again", "office", 1, ["Expires = in 10 min"], []),
        new(TimeToBoot, "a check with a host name of the worst kind", "office", 1, ["Expires = in 10 min"], []),
        new(TimeToBoot, "the shop gets other settings", "shop", 1, ["Expires = in 10 min"], []),
        // A longer timeout moves the end by the difference.
        new(TimeToBoot, "the shop gets other settings", "shop", 1, ["Expires = in 20 min"], ["Expires = in 40 min"]),
        new(TimeToBoot, "the shop gets other settings", "shop", 1, ["Expires = in 20 min"], []),

        new(LastEnabled, "the server is back", "laptop", 1, ["LastEnabled: ''"], ["LastEnabled: by now"]),
        new(
            LastEnabled, "the server is back", "mandos-ctl", 1,
            ["        \"LastEnabled\": \"\","], [$"        \"LastEnabled\": \"{FleetTime.Masked("2026-11-23T00:00:00.000000")}\","]),
    ];

    private static FleetDeviation[] Enabled(string step, string client, string timeout) =>
    [
        new(WholeTimeout, step, client, 1, ["Expires = far away"], [$"Expires = {timeout}"]),
        // The check that the script asks for both have.
        new(
            WholeTimeout, step, client, 1, [],
            [
                "CheckerRunning = True", $"both CheckerStarted('test -e /srv/alive/{client}')", "CheckerRunning = False",
                "LastCheckedOK = by now", $"Expires = {timeout}", $"both CheckerCompleted(0, 0, 'test -e /srv/alive/{client}')",
            ]),
    ];

    private static FleetDeviation Asked(string step, string arguments) =>
        new(ToldOnce, step, "vault", 1, AskedTwice(arguments), [$"both NeedApproval({arguments})"]);

    private static string[] AskedTwice(string arguments) =>
        [$"se.recompile.Mandos.Client NeedApproval({arguments})", "LastApprovalRequest = by now",
            $"se.bsnet.fukt.Mandos.Client NeedApproval({arguments})"];
}
