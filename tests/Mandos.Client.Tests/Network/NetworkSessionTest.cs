using Mandos.Client.Network;

namespace Mandos.Client.Tests.Network;

/// <summary>A test with real interfaces: <c>own0</c> here, at the other end of its cable <c>peer0</c> in another namespace.</summary>
public abstract class NetworkSessionTest : IDisposable
{
    protected static readonly TimeSpan Long = TimeSpan.FromSeconds(30);
    protected static readonly TimeSpan Short = TimeSpan.FromMilliseconds(200);

    /// <summary>The namespace of <c>own0</c>, where the session runs.</summary>
    private protected NetworkNamespace Here { get; } = new();

    /// <summary>The namespace of <c>peer0</c>.</summary>
    private protected NetworkNamespace There { get; } = new();

    /// <summary>What the session warned of.</summary>
    protected List<string> Warnings { get; } = [];

    /// <summary>Empty; the folder of the hooks, too.</summary>
    protected string Folder { get; } = Directory.CreateTempSubdirectory("mandos").FullName;

    public void Dispose()
    {
        Here.Dispose();
        There.Dispose();
        Directory.Delete(Folder, recursive: true);
        GC.SuppressFinalize(this);
    }

    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private protected Task<NetworkSession> StartAsync(
        string[] interfaces, TimeSpan delay, CancellationToken? cancellationToken = null, string udevDirectory = "/nonexistent",
        string[]? preferred = null, TimeSpan? grace = null) =>
        NetworkSession.StartAsync(new NetworkOptions
        {
            InterfaceLists = interfaces,
            PreferredInterfaceLists = preferred ?? [],
            PreferenceGrace = grace ?? Long,
            Delay = delay,
            HookDirectory = Folder,
            UdevDirectory = udevDirectory,
            Warn = Warnings.Add,
        }, cancellationToken ?? Cancellation);

    private protected async Task<InterfaceChange> NextChangeAsync(NetworkSession session)
    {
        await foreach (var change in session.ReadChangesAsync(Cancellation))
            return change;
        throw new InvalidOperationException("the session stopped");
    }

    private protected async Task<bool> IsUpAsync(string name) => (await Here.IpAsync($"-o link show dev {name} up")).Length > 0;

    protected async Task ConnectCableAsync(string own = "own0", string peer = "peer0")
    {
        await Here.IpAsync($"link add {own} type veth peer name {peer} netns {There.ThreadId}");
        await There.IpAsync($"link set {peer} up");
    }
}
