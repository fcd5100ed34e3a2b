using Mandos.Server.Clients;

namespace Mandos.Server.Store;

/// <summary>Converts a section of the configuration to and from a row.</summary>
internal static class ConfiguredRow
{
    internal static string[] Columns { get; } = ["name", "key_id", "fingerprint", .. SettingsColumns.Names, "enabled", "secret_digest"];

    internal static object?[] Of(ConfiguredClient client) =>
        [client.Name, client.KeyId?.ToString(), client.Fingerprint, .. SettingsColumns.Of(client.Settings), client.Enabled ? 1L : 0,
            client.SecretDigest];

    internal static ConfiguredClient Read(RowReader row) =>
        new(row.Text(), row.Key(), row.Text(), SettingsColumns.Read(row), row.Flag(), row.Text());
}
