namespace Mandos.Server.Clients;

/// <summary>
/// So many clients fail their checks at the same time that this server, or its network, is the likely cause (mass_failure).
/// </summary>
/// <param name="Failing">How many clients fail.</param>
/// <param name="Checked">How many clients are checked.</param>
internal sealed record MassFailure(int Failing, int Checked)
{
    /// <summary>One client that fails says nothing about the server.</summary>
    private const int FewestClients = 2;

    /// <summary>Counts the clients that fail; null if these are fewer than so many percent, or if there is only one client.</summary>
    /// <param name="clients">All clients. Those that are disabled, in maintenance, or not checked yet do not count.</param>
    /// <param name="percent">The share that makes a mass failure, 1 to 100.</param>
    /// <param name="now">The time.</param>
    internal static MassFailure? Find(IEnumerable<ClientState> clients, int percent, Moment now)
    {
        var (failing, counted) = (0, 0);
        foreach (var client in clients)
        {
            if (client is not { Enabled: true, Maintenance: null, LastCheckerStatus: not ClientState.NoCheckYet })
                continue;
            counted++;
            if (Fails(client, now))
                failing++;
        }

        return counted >= FewestClients && failing * 100L >= counted * (long)percent ? new(failing, counted) : null;
    }

    /// <summary>
    /// Whether the last check failed, or the current one hangs: it runs although half of the timeout has passed without a success.
    /// </summary>
    private static bool Fails(ClientState client, Moment now) =>
        client.LastCheckerStatus != 0
        || (client is { Checker: not null, Expires: { } end } && end.Monotonic - now.Monotonic < client.Settings.Timeout.Value / 2);
}
