using Mandos.Core.Keys;
using Mandos.Core.Linux.Processes;
using Mandos.Core.Secrets;
using Mandos.Server.Clients;
using Mandos.Server.Store;

namespace Mandos.Server.SelfTest;

/// <summary>Tests that saved data exists after a restart, sealed; uses a directory of its own that is removed.</summary>
internal static class StoreSelfTest
{
    private static ReadOnlySpan<byte> Secret => "a secret that must not be readable on disk"u8;

    internal static void Run()
    {
        var directory = Directory.CreateTempSubdirectory("mandos-check-").FullName;
        try
        {
            var now = Moment.Now(TimeProvider.System);
            Save(directory, now);
            Reopen(directory);
            foreach (var file in Directory.GetFiles(directory))
                SelfTestFailure.Unless(
                    File.ReadAllBytes(file).AsSpan().IndexOf(Secret) < 0, $"the secret can be read in {Path.GetFileName(file)}");
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static void Save(string directory, Moment now)
    {
        using var secret = new ClientSecret(SecretBuffer.CopyOf(Secret));
        var definition = new ClientDefinition(
            "web", KeyId.FromSubjectPublicKeyInfo([1]), "", new ClientSettings { Host = "web.example.org" }, Enabled: true, secret);
        var client = ClientState.FirstSeen(definition, now);
        using var store = Open(directory);
        store.Replace([client], [], now);
        store.Save([client with { Enabled = false }], [], now);
    }

    private static void Reopen(string directory)
    {
        using var store = Open(directory);
        var clients = store.Load().Clients;
        try
        {
            SelfTestFailure.UnlessSame("web", string.Join(", ", clients.Select(c => c.State.Name)), "saved clients");
            SelfTestFailure.UnlessSame("web.example.org", clients[0].State.Settings.Host, "saved host");
            SelfTestFailure.Unless(!clients[0].State.Enabled, "a client that was disabled is enabled");
            SelfTestFailure.Unless(clients[0].State.Secret.Memory.Span.SequenceEqual(Secret), "a saved secret is a different one");
        }
        finally
        {
            foreach (var client in clients)
                client.State.Secret.Dispose();
        }
    }

    private static SqliteClientStore Open(string directory) => SqliteClientStore.Open(directory, TimeProvider.System, BootClock.OfSystem());
}
