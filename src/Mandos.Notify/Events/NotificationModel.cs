using Mandos.BusClient;

namespace Mandos.Notify.Events;

/// <summary>Turns the signals of the server into messages for people.</summary>
/// <param name="server">The host name of the server.</param>
/// <param name="pages">The address of the pages of mandos-web; null if there are none.</param>
/// <param name="notify">Takes each message; called under the lock, must not block.</param>
/// <param name="warn">Logs that there is no connection to the bus.</param>
/// <param name="time">The clock.</param>
internal sealed class NotificationModel(
    string server, Uri? pages, Action<Notification> notify, Action<string> warn, TimeProvider time) : ServerModel
{
    /// <summary>Any peer can present any number of unknown keys. What exceeds this is only in the log of the server.</summary>
    private const int MostUnknownKeys = 64;

    /// <summary>How long the same is not repeated: a client that is refused asks again and again.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromMinutes(10);

    private readonly Dictionary<string, ClientState> _clients = new(StringComparer.Ordinal);
    private readonly Dictionary<string, DateTimeOffset> _waiting = new(StringComparer.Ordinal);
    private readonly Dictionary<string, DateTimeOffset> _unknown = new(StringComparer.Ordinal);

    /// <inheritdoc />
    public override void Fail(string what, BusFailure failure) => warn($"{what}{failure.Message}");

    /// <inheritdoc />
    protected override void Take(IReadOnlyList<ClientState> clients, bool? hadServer)
    {
        // Without a server there is nothing to compare with; what is known is kept until it is back.
        if (HasServer != true)
            return;
        var before = _clients.Values.ToDictionary(client => client.Path, StringComparer.Ordinal);
        _clients.Clear();
        foreach (var client in clients)
        {
            _clients[client.Path] = client;
            if (before.TryGetValue(client.Path, out var old))
                Change(old, client);
            if (client.Flag("ApprovalPending") && IsNew(_waiting, client.Path, int.MaxValue))
                notify(Waits(client, client.Decides(), client.Flag("ApprovedByDefault")));
        }
    }

    /// <inheritdoc />
    protected override void Take(ServerSignal signal)
    {
        switch (signal)
        {
            case ServerSignal.Added added:
                _clients[added.Client.Path] = added.Client;
                return;
            case ServerSignal.Left or ServerSignal.Lost:
                // Requests that waited are gone.
                _waiting.Clear();
                return;
            case ServerSignal.ClientNotFound unknown when IsNew(_unknown, unknown.KeyId, MostUnknownKeys):
                notify(About([], NotificationKind.UnknownKey, $"a peer with an unknown key asked {server} for a secret") with
                {
                    Details = $"key_id {unknown.KeyId}, address {unknown.Address}",
                });
                return;
        }

        if (SignalDescription.PathOf(signal) is not { } path || _clients.GetValueOrDefault(path) is not { } client)
            return;
        switch (signal)
        {
            case ServerSignal.Removed:
                _clients.Remove(path);
                _waiting.Remove(path);
                break;
            case ServerSignal.Changed changed:
                Change(client, client.With(changed.Properties));
                break;
            case ServerSignal.NeedApproval need when IsNew(_waiting, path, int.MaxValue):
                notify(Waits(client, After(need.Delay), need.ApprovedByDefault));
                break;
            case ServerSignal.GotSecret:
                _waiting.Remove(path);
                notify(About(client, NotificationKind.Delivered, "received its secret"));
                break;
            case ServerSignal.ExpiresSoon soon:
                notify(About(client, NotificationKind.ExpiresSoon, "will be disabled unless a check succeeds") with
                {
                    Details = $"in {Moments.Rough(soon.Remaining)}; last check: {soon.Reason}",
                    Deadline = soon.Expires ?? After(soon.Remaining),
                });
                break;
        }
    }

    private void Change(ClientState before, ClientState after)
    {
        _clients[after.Path] = after;
        if (before.Flag("Enabled") && !after.Flag("Enabled"))
        {
            notify(About(after, NotificationKind.Disabled, "was disabled: it does not get its secret") with
            {
                Details = $"last successful check: {At(after.Time("LastCheckedOK"))}; "
                    + "to enable it again, see 'A CLIENT WAS DISABLED' in mandos(8)",
            });
        }

        // The next request is news again.
        if (before.Flag("ApprovalPending") && !after.Flag("ApprovalPending"))
            _waiting.Remove(after.Path);
    }

    private Notification Waits(ClientState client, DateTimeOffset? deadline, bool approvedByDefault) =>
        About(client, NotificationKind.Waiting, "waits for approval") with
        {
            Details = $"{(approvedByDefault ? "approved" : "denied")} without a decision"
                + (deadline is { } end ? $" in {Moments.Rough(end - time.GetUtcNow())}" : "")
                + $"; host {Text(client, "Host")}, last successful check: {At(client.Time("LastCheckedOK"))}",
            Deadline = deadline,
        };

    private Notification About(ClientState client, NotificationKind kind, string what) =>
        About([client.Name], kind, $"{client.Name} {what} (server {server})");

    private Notification About(string[] clients, NotificationKind kind, string title) => new()
    {
        Kind = kind,
        Clients = clients,
        Server = server,
        Time = time.GetUtcNow(),
        Title = title,
        Page = PageOf(pages, clients),
    };

    private static Uri? PageOf(Uri? pages, string[] clients) =>
        pages is null || clients.Length == 0 ? pages : new Uri(pages, $"client?name={Uri.EscapeDataString(clients[0])}");

    private DateTimeOffset After(TimeSpan span)
    {
        var now = time.GetUtcNow();
        return span < DateTimeOffset.MaxValue - now ? now + span : DateTimeOffset.MaxValue;
    }

    /// <summary>Whether something did not happen lately; remembers that it has.</summary>
    private bool IsNew(Dictionary<string, DateTimeOffset> known, string key, int most)
    {
        var now = time.GetUtcNow();
        if (known.TryGetValue(key, out var last) && now - last < Silence)
            return false;
        if (known.Count >= most)
        {
            foreach (var old in known.Where(one => now - one.Value >= Silence).Select(one => one.Key).ToList())
                known.Remove(old);
            if (known.Count >= most)
                return false;
        }

        known[key] = now;
        return true;
    }

    private static string Text(ClientState client, string property) => client.Text(property) is { Length: > 0 } text ? text : "(none)";

    private static string At(DateTimeOffset? moment) => moment is { } known ? Moments.Local(known) : "never";
}
