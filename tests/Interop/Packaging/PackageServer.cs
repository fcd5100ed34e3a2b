namespace Mandos.Interop.Packaging;

/// <summary>A server on one segment with a machine that packages are installed on.</summary>
internal static class PackageServer
{
    /// <summary>Where it listens.</summary>
    public const string Address = "10.1.0.1:8888";

    /// <summary>Starts one that has <see cref="Password.Plain"/> for the keys of the client.</summary>
    public static async Task StartAsync(Laboratory laboratory, PackageMachine client, KeySet keys)
    {
        var segment = await laboratory.SwitchAsync();
        var server = await laboratory.MachineAsync("server", DebianRelease.Bookworm, segment, "10.1.0.1/24");
        await segment.ConnectAsync(client.Machine, laboratory.Token, address: "10.1.0.2/24");
        var stanza = await keys.StanzaAsync(server, Password.Plain, Implementation.Ours, laboratory.Token);
        await MandosServer.StartAsync(server, Implementation.Ours, new() { Clients = stanza }, laboratory.Token);
    }
}
