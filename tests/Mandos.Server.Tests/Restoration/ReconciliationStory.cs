using Mandos.Server.Clients;
using Mandos.Server.Restoration;
using Mandos.Server.Tests.Store;

namespace Mandos.Server.Tests.Restoration;

/// <summary>Saved clients, sections of the configuration, and a start with both.</summary>
internal static class ReconciliationStory
{
    internal static readonly Moment Now = new(new DateTime(2026, 11, 23, 8, 0, 0, DateTimeKind.Utc), TimeSpan.FromHours(1));
    internal static readonly TimeSpan Left = TimeSpan.FromMinutes(3);

    internal static string Digest(string client, ClientSecret secret) => client + "/" + TestStore.Text(secret);

    internal static ClientDefinition Define(
        string name, string secret = "configured", bool enabled = true, string host = "host", string? key = null) =>
        new(name, TestStore.Key(key ?? name), "", TestStore.Settings(host), enabled, TestStore.Secret(secret));

    internal static ConfiguredClient Section(
        string name, string secret = "configured", bool enabled = true, string host = "host", string? key = null) =>
        new(name, TestStore.Key(key ?? name), "", TestStore.Settings(host), enabled, $"{name}/{secret}");

    internal static StoredClient Saved(
        string name, bool enabled = true, string secret = "configured", TimeSpan? left = null, string host = "host") =>
        new()
        {
            State = new ClientState
            {
                Name = name,
                KeyId = TestStore.Key(name),
                Created = new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc),
                Settings = TestStore.Settings(host),
                Secret = TestStore.Secret(secret),
                Enabled = enabled,
                SecretsGiven = 7,
            },
            Remaining = enabled ? left ?? Left : null,
        };

    internal static StoredState State(StoredClient[] clients, params ConfiguredClient[] sections) =>
        new(clients, sections.ToDictionary(s => s.Name));

    internal static ReconciliationPlan Start(StoredState? stored, ClientDefinition[] definitions, params string[] faulty) =>
        Reconciliation.AtStart(stored, new(definitions, faulty.ToHashSet()), Now, Digest);

    internal static ClientState Only(ReconciliationPlan plan) => Assert.IsType<ReconciliationStep.Add>(Assert.Single(plan.Steps)).State;
}
