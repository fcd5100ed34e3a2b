using System.Text;
using Mandos.Core.Durations;
using Mandos.Core.Keys;
using Mandos.Core.Linux.Processes;
using Mandos.Core.Secrets;
using Mandos.Server.Clients;
using Mandos.Server.Store;
using Microsoft.Extensions.Time.Testing;

namespace Mandos.Server.Tests.Store;

/// <summary>A state directory with clocks of its own.</summary>
internal sealed class TestStore : IDisposable
{
    internal string Folder { get; } = System.IO.Directory.CreateTempSubdirectory("mandos-store").FullName;

    internal FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 11, 23, 8, 0, 0, TimeSpan.Zero));

    internal TimeSpan SinceBoot { get; set; } = TimeSpan.FromHours(7);

    internal string BootId { get; set; } = "d4c2";

    internal Moment Now => Moment.Now(Time);

    internal string Database => File(SqliteClientStore.FileName);

    internal string File(string name) => Path.Combine(Folder, name);

    internal SqliteClientStore Open(StoreSchema? schema = null) =>
        SqliteClientStore.Open(Folder, Time, new BootClock(BootId, () => SinceBoot), schema ?? StoreSchema.Current);

    /// <summary>Opens, changes, closes.</summary>
    internal void Use(Action<SqliteClientStore> change)
    {
        using var store = Open();
        change(store);
    }

    internal StoreException Refusal() => Assert.Throws<StoreException>(() =>
    {
        using var store = Open();
        store.Load();
    });

    /// <summary>Time passes on all clocks.</summary>
    internal void Pass(TimeSpan time)
    {
        Time.Advance(time);
        SinceBoot += time;
    }

    internal static ClientSecret Secret(string text) => new(SecretBuffer.CopyOf(Encoding.UTF8.GetBytes(text)));

    internal static string Text(ClientSecret secret) => Encoding.UTF8.GetString(secret.Memory.Span);

    internal static KeyId Key(string text) => KeyId.FromSubjectPublicKeyInfo(Encoding.UTF8.GetBytes(text));

    internal static ClientSettings Settings(string host = "host") => new()
    {
        Host = host,
        Checker = "fping -q -- %(host)s",
        Timeout = new Duration(TimeSpan.FromMinutes(5)),
        ExtendedTimeout = new Duration(TimeSpan.FromMinutes(15)),
        Interval = new Duration(TimeSpan.FromMinutes(2)),
        ApprovalDuration = new Duration(TimeSpan.FromSeconds(1)),
        ApprovedByDefault = true,
    };

    internal ClientState Client(string name, bool enabled = true, string secret = "secret") => new()
    {
        Name = name,
        KeyId = Key(name),
        Created = Now.Wall,
        Settings = Settings(),
        Secret = Secret(secret),
        Enabled = enabled,
        LastEnabled = enabled ? Now.Wall : null,
        Expires = enabled ? Now + TimeSpan.FromMinutes(5) : null,
    };

    internal static ConfiguredClient Section(string name, string host = "host") =>
        new(name, Key(name), "", Settings(host), Enabled: true, "digest");

    public void Dispose() => System.IO.Directory.Delete(Folder, recursive: true);
}
