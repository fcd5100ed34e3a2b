using System.Text;
using CsCheck;
using Mandos.Core.Keys;
using Mandos.Core.Secrets;
using Mandos.Server.Clients;
using Mandos.Server.Restoration;
using Mandos.Server.Store.Import;

namespace Mandos.Server.Tests.Store;

/// <summary>A state directory where the original's server has saved two clients.</summary>
internal sealed class OriginalSite : IDisposable
{
    internal static readonly byte[] Blob = Golden.Bytes("secret-blob.pgp");

    /// <summary>The recorded state without the saved secrets, which take a second each by design.</summary>
    internal static readonly byte[] Quick =
        Encoding.Latin1.GetBytes(
            Encoding.Latin1.GetString(Golden.Bytes("clients.pickle.sample")).Replace(
                "encrypted_secret", "encrypted_nothing"[..16], StringComparison.Ordinal));

    internal OriginalSite()
    {
        Saved = Store.Now.Wall - TimeSpan.FromMinutes(1);
        Place(Quick, Saved);
    }

    internal TestStore Store { get; } = new();

    /// <summary>When the original saved its state, unless a test says otherwise.</summary>
    internal DateTime Saved { get; }

    internal string Pickle => Store.File(OriginalStateFile.FileName);

    internal void Place(byte[] pickle, DateTime saved)
    {
        File.WriteAllBytes(Pickle, pickle);
        File.SetLastWriteTimeUtc(Pickle, saved);
    }

    internal static ClientDefinition Define(string name, byte[]? secret = null) => new(
        name,
        KeyId.TryParse(
            (name == "testclient" ? "D99D" : "0000") + "F7B54A7ED79E5E57CDD9C0461686B1F30E43C8EDC1F4D248ECEB49FCFB23", out var key)
            ? key
            : null,
        "5FA24BC9E7575BFAE91D7F669ECC09FF3C8A64F1",
        TestStore.Settings("testclient") with
        {
            Checker = "echo %(name)s %(host)s %(timeout)s %(last_checked_ok)s "
            + "%(dbus_object_path)s %(key_id)s %(created)s"
        },
        Enabled: true,
        new ClientSecret(SecretBuffer.CopyOf(secret ?? Blob)));

    internal static ConfiguredTable Both(params string[] faulty) =>
        new([.. new[] { Define("testclient"), Define("b-1.example.org") }.Where(d => !faulty.Contains(d.Name))], faulty.ToHashSet());

    /// <summary>As the server does: begins, saves, completes.</summary>
    internal Dictionary<string, ClientState> Start(ConfiguredTable configuration, out string? note)
    {
        using var store = Store.Open();
        var start = StateRestoration.Begin(store, configuration, Store.Now);
        var clients = start.Plan.Steps.Cast<ReconciliationStep.Add>().Select(a => a.State).ToList();
        store.Replace([.. clients, .. start.Plan.Origin.Dormant], start.Plan.Origin.Configured, Store.Now);
        start.Complete();
        note = start.Note;
        return clients.ToDictionary(c => c.Name);
    }

    public void Dispose() => Store.Dispose();
}
