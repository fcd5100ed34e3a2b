using System.Text.Json;

namespace Mandos.Interop.Servers;

/// <summary>mandos-notify beside a real server on a real system bus, and a receiver that verifies signatures.</summary>
public sealed class NotifyTests : InteropTest
{
    private const string User = "_mandos-notify";
    private const string AsUser = $"setpriv --reuid={User} --regid={User} --clear-groups ";

    private const string Configuration = """
        [notify]
        pages = https://mandos.example/
        [webhook test]
        url = http://127.0.0.1:8099/hook
        secret = swordfish
        """;

    /// <summary>Verifies as mandos-notify(8) shows it, and prints each message; refuses the first.</summary>
    private const string Receiver = """
        import hashlib, hmac, http.server, time
        class Handler(http.server.BaseHTTPRequestHandler):
            refused = False
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                header = self.headers["Mandos-Signature"]
                stamp, given = (part.split("=")[1] for part in header.split(","))
                wanted = hmac.new(b"swordfish", stamp.encode() + b"." + body, "sha256").hexdigest()
                assert hmac.compare_digest(wanted, given)
                assert abs(time.time() - int(stamp)) < 300
                first, Handler.refused = not Handler.refused, True
                self.send_response(503 if first else 204)
                self.end_headers()
                print("refused" if first else "genuine", body.decode(), flush=True)
            def log_message(self, *arguments):
                pass
        http.server.HTTPServer(("127.0.0.1", 8099), Handler).serve_forever()
        """;

    public static TheoryData<DebianRelease> Releases => [.. DebianRelease.All];

    [Theory, MemberData(nameof(Releases))]
    public async Task People_are_notified_of_a_client_that_waits_and_what_becomes_of_it(DebianRelease release)
    {
        var machine = await BusMachine.MakeAsync(Lab, release, Implementation.Ours);
        var keys = await KeySet.OfOursAsync(machine, Token);
        keys.InstallOn(machine);
        var stanza = await keys.StanzaAsync(machine, Password.Plain, Token, "guest");
        await ServiceUser.AddAsync(machine, User, "mandos-notify-policy.conf");
        var server = await MandosServer.StartAsync(
            machine, Implementation.Ours,
            new() { Clients = $"{stanza}checker = sleep 1000\napproval_delay = PT5M\napproved_by_default = no\n", Bus = true }, Token);
        var bus = new BusMachine(machine, server, Token);
        await bus.WaitForNameAsync();
        machine.WriteFile("/root/receiver.py", Receiver);
        await using var receiver = machine.Start(new() { LogOutput = true }, "/usr/bin/python3", "/root/receiver.py");
        await machine.WaitForListenerAsync(8099, TimeSpan.FromSeconds(20), Token);
        machine.WriteFile("/etc/mandos/mandos-notify.conf", Configuration, (UnixFileMode)0b110_100_100);
        await using var notify = machine.Start(
            new() { LogOutput = true }, "/usr/bin/setpriv", $"--reuid={User}", $"--regid={User}", "--clear-groups", "--",
            "/opt/mandos/mandos-notify");

        // The receiver refuses it at first, and gets it again.
        await using var waiting = MandosClient.Start(machine, Implementation.Ours, "--connect=127.0.0.1:8888", "--interface=none");
        var message = await MessageAsync("waiting");
        Assert.StartsWith("guest waits for approval", message.GetProperty("title").GetString(), StringComparison.Ordinal);
        Assert.Equal("https://mandos.example/client?name=guest", message.GetProperty("page").GetString());
        Assert.InRange(
            message.GetProperty("deadline").GetDateTimeOffset() - DateTimeOffset.UtcNow, TimeSpan.FromMinutes(3), TimeSpan.FromMinutes(5));
        await notify.WaitForLineAsync("messages are sent again", TimeSpan.FromSeconds(20), Token);

        (await bus.ControlAsync(Implementation.Ours, [], "approve", "guest")).OrThrow();
        Assert.Equal(Password.Plain, (await waiting.WaitAsync(TimeSpan.FromSeconds(30), Token)).OrThrow().Output);
        await MessageAsync("delivered");
        (await bus.ControlAsync(Implementation.Ours, [], "disable", "guest")).OrThrow();
        await MessageAsync("disabled");
        (await bus.ControlAsync(Implementation.Ours, [], "remove", "--yes", "guest")).OrThrow();
        await using var unknown = MandosClient.Start(machine, Implementation.Ours, "--connect=127.0.0.1:8888", "--interface=none");
        Assert.Contains(
            keys.KeyId, (await MessageAsync("unknown_key")).GetProperty("details").GetString(), StringComparison.OrdinalIgnoreCase);

        var tried = (await bus.ControlAsync(Implementation.Ours, [], "notify", "test")).OrThrow();
        Assert.Matches("^webhook test: sent in [0-9]+ ms\n$", tried.Text);
        await MessageAsync("test");

        async Task<JsonElement> MessageAsync(string kind)
        {
            var line = await receiver.WaitForLineAsync($"genuine .*\"event\":\"{kind}\"", TimeSpan.FromSeconds(30), Token);
            return JsonDocument.Parse(line[line.IndexOf('{', StringComparison.Ordinal)..]).RootElement;
        }
    }

    /// <summary>What a person gets who takes over mandos-notify.</summary>
    [Theory, MemberData(nameof(Releases))]
    public async Task The_bus_permits_mandos_notify_nothing_but_to_read(DebianRelease release)
    {
        var machine = await BusMachine.MakeAsync(Lab, release, Implementation.Ours);
        await ServiceUser.AddAsync(machine, User, "mandos-notify-policy.conf");
        var server = await MandosServer.StartAsync(machine, Implementation.Ours, new() { Clients = Client, Bus = true }, Token);
        await new BusMachine(machine, server, Token).WaitForNameAsync();
        const string interfaceName = "se.recompile.Mandos.Client";
        await CallAsync("/ org.freedesktop.DBus.ObjectManager GetManagedObjects");
        await CallAsync($"/clients/testclient org.freedesktop.DBus.Properties GetAll s {interfaceName}");
        foreach (var denied in (string[])
        [
            $"/clients/testclient org.freedesktop.DBus.Properties Set ssv {interfaceName} Enabled b false",
            $"/clients/testclient {interfaceName} Approve b true", "/ dotnet.Mandos.Operator Approve ss testclient anna",
            "/ dotnet.Mandos.Operator Disable ss testclient anna", "/ dotnet.Mandos.Server Reload",
        ])
            Assert.Contains("denied", await CallAsync($"{denied} 2>&1 || true"), StringComparison.OrdinalIgnoreCase);

        Task<string> CallAsync(string call) => machine.ShellAsync($"{AsUser}busctl --system call se.recompile.Mandos {call}", Token);
    }

    private const string Client =
        "[testclient]\nhost = localhost\nkey_id = d99df7b54a7ed79e5e57cdd9c0461686b1f30e43c8edc1f4d248eceb49fcfb23\n"
            + "fingerprint = 1111111111111111111111111111111111111111\nsecret = c2VjcmV0\nchecker = sleep 1000\n";
}
