using Mandos.Server.ClientFiles;
using Mandos.Server.Clients;
using Mandos.Server.Configuration;
using Mandos.Server.Startup;
using Mandos.Server.Tests.Bus;
using Mandos.Server.Tests.Store;

namespace Mandos.Server.Tests.Startup;

/// <summary>Starts with a state directory of their own.</summary>
public abstract class StartTest : IDisposable
{
    protected const UnixFileMode Open = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    protected string Parent { get; } = Directory.CreateTempSubdirectory("mandos-state").FullName;

    private protected LinesLogger Log { get; } = new();

    protected string State => Path.Combine(Parent, "state");

    private protected static Moment Now => Moment.Now(TimeProvider.System);

    public void Dispose()
    {
        foreach (var directory in Directory.GetDirectories(Parent))
            File.SetUnixFileMode(directory, Open);
        File.SetUnixFileMode(Parent, Open);
        Directory.Delete(Parent, recursive: true);
        GC.SuppressFinalize(this);
    }

    private protected RestoredClients Start(ClientsReading reading) => RestoredClients.Open(Settings(), reading, Log)!;

    private protected ServerSettings Settings(bool restores = true) => new() { StateDirectory = State, Restore = restores };

    private protected static ClientsReading Both() => new(ClientsSource.Whole, true, [Define("off"), Define("on")], new HashSet<string>());

    private protected static ClientDefinition Define(string name) =>
        new(name, TestStore.Key(name), "", TestStore.Settings(), Enabled: true, TestStore.Secret(name));

    /// <summary>Two clients, of which one was disabled and one given another host.</summary>
    protected void SaveOffAndOn()
    {
        using var restored = Start(Both());
        restored.Store.Save(
            [
                restored.Table[0] with { Enabled = false, Expires = null },
                restored.Table[1] with { Settings = restored.Table[1].Settings with { Host = "saved" } },
            ],
            [],
            Now);
    }
}
