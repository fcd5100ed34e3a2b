using System.Globalization;
using Mandos.Bus.Messages;

namespace Mandos.Interop.Drills;

/// <summary>
/// Several operators at once who change clients over D-Bus, each its own, and remember what was acknowledged, and what was
/// not when the server died.
/// </summary>
internal sealed class DrillLoad(DrillSite site, Random random)
{
    /// <summary>Of a client, what the server must have; more than one value: it died before it said which.</summary>
    private readonly Dictionary<(string Client, string Property), List<object>> _expected = [];

    private readonly Lock _lock = new();

    /// <summary>The client that something was acknowledged for last.</summary>
    public string? Last { get; private set; }

    /// <summary>All changes that were acknowledged.</summary>
    public int Acknowledged { get; private set; }

    /// <summary>What was disabled, and so acknowledged, when the server died.</summary>
    public int Disabled => _expected.Count(e => e.Key.Property == "Enabled" && e.Value is [false]);

    /// <summary>Before the first run: the secret that the configuration has for a client.</summary>
    public void Configured(string client, byte[] secret) => _expected[(client, "Secret")] = [secret];

    /// <summary>The value of a property of a client, if it is known for certain.</summary>
    public object? Certain(string client, string property) => _expected[(client, property)] is [var value] ? value : null;

    /// <summary>Changes these clients until the server is gone.</summary>
    public async Task ChangeAsync(IReadOnlyList<string> clients)
    {
        while (true)
        {
            string client;
            (string Property, object Value) change;
            bool byMethod;
            lock (_lock)
            {
                client = clients[random.Next(clients.Count)];
                change = NextChange();
                byMethod = random.Next(2) == 0;
            }

            try
            {
                await (change switch
                {
                    ("Enabled", var enabled) when byMethod => site.CallAsync(client, enabled is true ? "Enable" : "Disable"),
                    var (property, value) => site.SetAsync(client, property, value),
                });
            }
            catch (BusException e) when (
                e.Name is "org.freedesktop.DBus.Error.NoReply" or BusErrors.ServiceUnknown or BusErrors.NameHasNoOwner)
            {
                lock (_lock)
                    _expected[(client, change.Property)].Add(change.Value);
                return;
            }

            lock (_lock)
            {
                _expected[(client, change.Property)] = [change.Value];
                Last = client;
                Acknowledged++;
            }
        }
    }

    /// <summary>What is not as it was acknowledged, for people; from then on what is there is what is expected.</summary>
    public async Task<IReadOnlyList<string>> CompareAsync()
    {
        var wrong = new List<string>();
        var clients = await site.ClientsAsync();
        foreach (var name in _expected.Keys.Select(k => k.Client).Distinct().Where(c => !clients.ContainsKey(c)))
            wrong.Add($"{name} is gone");
        foreach (var (client, properties) in clients)
        {
            foreach (var property in Properties)
            {
                var found = properties[property];
                if (_expected.TryGetValue((client, property), out var expected) && !expected.Contains(found))
                    wrong.Add(
                        string.Create(
                            CultureInfo.InvariantCulture, $"{property} of {client} is {found}, not {string.Join(" or ", expected)}"));
                _expected[(client, property)] = [found];
            }
        }

        return wrong;
    }

    /// <summary>What is compared; the secret is not to be seen on the bus.</summary>
    public static IReadOnlyList<string> Properties { get; } =
        ["Enabled", "Timeout", "ExtendedTimeout", "Interval", "ApprovalDelay", "ApprovalDuration", "ApprovedByDefault", "Host"];

    private (string Property, object Value) NextChange() => random.Next(8) switch
    {
        0 or 1 => ("Enabled", random.Next(2) == 0),
        2 => ("Secret", RandomBytes()),
        3 => ("ApprovedByDefault", random.Next(3) > 0),
        // None, one without a decision, and one that this load does not wait for.
        4 => ("ApprovalDelay", random.Next(4) switch { 0 => Milliseconds(60), 1 => 1UL, _ => 0UL }),
        5 => ("ApprovalDuration", Milliseconds(random.Next(1, 100))),
        6 => ("Host", string.Create(CultureInfo.InvariantCulture, $"host{random.Next(1000)}.example")),
        // No client's time is over before the drill is, nor had it been under a shorter timeout.
        _ => random.Next(3) switch
        {
            0 => ("Timeout", Milliseconds(random.Next(36000, 39600))),
            1 => ("ExtendedTimeout", Milliseconds(random.Next(36000, 39600))),
            _ => ("Interval", Milliseconds(random.Next(2, 120))),
        },
    };

    private static ulong Milliseconds(int seconds) => (ulong)seconds * 1000;

    private byte[] RandomBytes()
    {
        var bytes = new byte[random.Next(1, 3000)];
        random.NextBytes(bytes);
        return bytes;
    }
}
