using System.Globalization;
using System.Text.Json;

namespace Mandos.Interop.Servers;

/// <summary>mandos-web beside a real server on a real system bus, behind a real nginx that authenticates people.</summary>
public sealed class WebTests : InteropTest
{
    private const string Web = "/opt/mandos/mandos-web";
    private const string User = "_mandos-web";

    private const string Configuration = """
        [web]
        socket = /run/mandos-web/pages.sock
        metrics = 127.0.0.1:9653
        hosts = mandos.example
        identity_header = X-Remote-User
        viewers = *
        approvers = axel
        administrators = anna
        """;

    /// <summary>As in mandos-web(8), without TLS, and with a second person.</summary>
    private const string Proxy = """
        user www-data;
        daemon off;
        error_log stderr;
        events { }
        http {
            access_log off;
            server {
                listen 127.0.0.1:80;
                server_name mandos.example;
                auth_basic "Mandos";
                auth_basic_user_file /etc/nginx/mandos.htpasswd;
                location / {
                    proxy_pass http://unix:/run/mandos-web/pages.sock;
                    proxy_set_header Host $host;
                    proxy_set_header X-Remote-User $remote_user;
                    proxy_buffering off;
                }
            }
        }
        """;

    /// <summary>A browser: METHOD ADDRESS PERSON [FORM [HEADER...]] prints the status, the location and the body as JSON.</summary>
    private const string Browser = """
        import base64, http.client, json, sys
        method, address, person, form = (sys.argv[1:5] + [""])[:4]
        headers = {"Host": "mandos.example"}
        if person:
            headers["Authorization"] = "Basic " + base64.b64encode(f"{person}:word".encode()).decode()
        if form:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            headers["Sec-Fetch-Site"] = "same-origin"
        for header in sys.argv[5:]:
            name, value = header.split(": ", 1)
            headers[name] = value
        connection = http.client.HTTPConnection("127.0.0.1", 80, timeout=20)
        connection.request(method, address, form or None, headers)
        answer = connection.getresponse()
        print(json.dumps([answer.status, answer.getheader("Location") or "", answer.read().decode()]))
        """;

    public static TheoryData<DebianRelease> Releases => [.. DebianRelease.All];

    [Theory, MemberData(nameof(Releases))]
    public async Task A_person_approves_in_the_browser_and_the_machine_gets_its_password(DebianRelease release)
    {
        var machine = await BusMachine.MakeAsync(Lab, release, Implementation.Ours);
        var keys = await KeySet.OfOursAsync(machine, Token);
        keys.InstallOn(machine);
        var stanza = await keys.StanzaAsync(machine, Password.Plain, Token, "guest");
        var server = await MandosServer.StartAsync(
            machine, Implementation.Ours,
            new() { Clients = $"{stanza}checker = sleep 1000\napproval_delay = PT5M\napproved_by_default = no\n", Bus = true }, Token);
        await new BusMachine(machine, server, Token).WaitForNameAsync();
        await StartWebAsync(machine);

        // Without a password, with a forged name, with a role that is too low.
        Assert.Equal(401, (await BrowseAsync(machine, "GET", "/", "")).Status);
        Assert.Equal(401, (await BrowseAsync(machine, "GET", "/", "", "", "X-Remote-User: anna")).Status);
        var forged = await BrowseAsync(machine, "GET", "/client?name=guest", "vera", "", "X-Remote-User: anna");
        Assert.Contains("Logged in as vera (viewer).", forged.Body, StringComparison.Ordinal);
        Assert.Equal(403, (await BrowseAsync(machine, "POST", "/act", "vera", "name=guest&action=approve")).Status);

        await using var waiting = MandosClient.Start(machine, Implementation.Ours, "--connect=127.0.0.1:8888", "--interface=none");
        var page = await WaitForPageAsync(machine, "Waiting for a decision");
        Assert.Contains("denied in ", page, StringComparison.Ordinal);
        Assert.Equal((303, "/", ""), await BrowseAsync(machine, "POST", "/act", "axel", "name=guest&action=approve"));
        Assert.Equal(Password.Plain, (await waiting.WaitAsync(TimeSpan.FromSeconds(30), Token)).OrThrow().Output);
        await WaitForPageAsync(machine, "1 enabled");
        var details = (await BrowseAsync(machine, "GET", "/client?name=guest", "vera")).Body;
        Assert.Contains("received its secret", details, StringComparison.Ordinal);

        // Who did it is in the log of the server.
        await server.Process.WaitForLineAsync(
            @"client \[guest\]: Approve for ""axel"" on the bus by uid [0-9]+ \(_mandos-web\)", TimeSpan.FromSeconds(10), Token);

        Assert.Equal(403, (await BrowseAsync(machine, "POST", "/act", "axel", "name=guest&action=disable")).Status);
        Assert.Equal(
            (303, "/client?name=guest", ""), await BrowseAsync(machine, "POST", "/act", "anna", "name=guest&action=disable"));
        await WaitForPageAsync(machine, "1 disabled");
        await WaitForPageAsync(machine, ">Disabled</td>", "/client?name=guest");
        Assert.Equal(403, (await BrowseAsync(machine, "GET", "/audit", "axel")).Status);
        await WaitForPageAsync(machine, "Disable for &quot;anna&quot;", "/audit", "anna");
        await MetricsContainAsync(machine, "mandos_clients{state=\"disabled\"} 1");
        await MetricsContainAsync(machine, "mandos_deliveries_total{outcome=\"confirmed\"} 1");
        await MetricsContainAsync(machine, "mandos_build_info{version=");
        Assert.Equal((303, "/", ""), await BrowseAsync(machine, "POST", "/act", "anna", "name=guest&action=remove"));
        await WaitForPageAsync(machine, "The server has no clients.");
    }

    /// <summary>Debian's own: it parses the metrics, and evaluates the rules that are shipped as an example.</summary>
    [Theory, MemberData(nameof(Releases))]
    public async Task Prometheus_scrapes_the_metrics_and_evaluates_the_alert_rules(DebianRelease release)
    {
        const string Rules = "/etc/prometheus/mandos.rules.yml";
        var machine = await BusMachine.MakeAsync(Lab, release, Implementation.Ours);
        var server = await MandosServer.StartAsync(machine, Implementation.Ours, new() { Clients = Client, Bus = true }, Token);
        await new BusMachine(machine, server, Token).WaitForNameAsync();
        await StartWebAsync(machine);
        machine.WriteFile(Rules, await File.ReadAllBytesAsync(Path.Combine(Golden.Root, "packaging/prometheus/mandos.rules.yml"), Token));
        machine.WriteFile(
            "/etc/prometheus/prometheus.yml", $"""
            global:
              scrape_interval: 1s
              evaluation_interval: 1s
            rule_files: [{Rules}]
            scrape_configs:
              - job_name: mandos
                static_configs:
                  - targets: ["127.0.0.1:9653"]
            """);
        var check = await machine.ShellAsync($"promtool check rules {Rules}", Token);
        Assert.Contains("SUCCESS: 6 rules found", check, StringComparison.Ordinal);
        machine.Start(
            new() { LogOutput = true }, "/usr/bin/prometheus", "--config.file=/etc/prometheus/prometheus.yml",
            "--storage.tsdb.path=/tmp/prometheus", "--web.listen-address=127.0.0.1:9090");
        await machine.WaitForListenerAsync(9090, TimeSpan.FromSeconds(60), Token);

        await QueryAsync("mandos_clients{state=\"enabled\"}", "=> 1 @");
        await QueryAsync("mandos_build_info", "version=");
        await QueryAsync("mandos_store_saves_total{result=\"failed\"}", "=> 0 @");
        // No client is disabled soon, so this alert is not firing; the one for a server that is away begins to wait for its five minutes.
        server.Process.Signal("TERM");
        await QueryAsync("ALERTS", "alertname=\"MandosServerDown\", alertstate=\"pending\"");

        async Task QueryAsync(string query, string expected)
        {
            for (var attempt = 0; ; attempt++)
            {
                var answer = await machine.ShellAsync($"promtool query instant http://127.0.0.1:9090 '{query}'", Token);
                if (answer.Contains(expected, StringComparison.Ordinal))
                    return;
                Assert.True(attempt < 100, $"the answer to {query} is:\n{answer}");
                await Task.Delay(300, Token);
            }
        }
    }

    /// <summary>A page is open while the server is away and comes back.</summary>
    [Fact]
    public async Task Pages_and_metrics_follow_a_server_that_stops_and_starts()
    {
        var machine = await BusMachine.MakeAsync(Lab, DebianRelease.Trixie, Implementation.Ours);
        await SystemBus.StartAsync(machine, Token);
        await StartWebAsync(machine);
        await WaitForPageAsync(machine, "no Mandos server is running");
        await MetricsContainAsync(machine, "mandos_up 0");
        Assert.StartsWith("503 no Mandos server", await FetchAsync(machine, "/healthz"), StringComparison.Ordinal);

        var server = await MandosServer.StartAsync(machine, Implementation.Ours, new() { Clients = Client }, Token);
        await WaitForPageAsync(machine, "testclient");
        Assert.Equal("200 ok\n", await FetchAsync(machine, "/healthz"));
        server.Process.Signal("TERM");
        await server.Process.WaitAsync(TimeSpan.FromSeconds(20), Token);
        await WaitForPageAsync(machine, "no Mandos server is running");
        Assert.Equal(502, (await BrowseAsync(machine, "POST", "/act", "anna", "name=testclient&action=disable")).Status);
    }

    /// <summary>Upstream's server knows nothing of the interface; its clients are shown, and it has no counters.</summary>
    [Theory, MemberData(nameof(Releases))]
    public async Task The_clients_of_upstreams_server_are_shown_but_cannot_be_changed(DebianRelease release)
    {
        var bus = await BusMachine.StartAsync(Lab, release, Implementation.Original, Client);
        await StartWebAsync(bus.Machine);
        await WaitForPageAsync(bus.Machine, "testclient");
        var answer = await BrowseAsync(bus.Machine, "POST", "/act", "anna", "name=testclient&action=disable");
        Assert.Equal(502, answer.Status);
        Assert.Contains("upstream&#39;s server cannot be operated by mandos-web (hint: use mandos-ctl)", answer.Body, StringComparison.Ordinal);
        Assert.Equal("b true", await bus.PropertyAsync("testclient", "Enabled"));
        await WaitForPageAsync(bus.Machine, "The audit trail of this server cannot be read.", "/client?name=testclient");
        await MetricsContainAsync(bus.Machine, "mandos_clients{state=\"enabled\"} 1");
        Assert.DoesNotContain("_total", await FetchAsync(bus.Machine, "/metrics"), StringComparison.Ordinal);
    }

    /// <summary>What a person gets who takes over mandos-web.</summary>
    [Theory, MemberData(nameof(Releases))]
    public async Task The_bus_permits_mandos_web_nothing_but_to_read_and_to_operate(DebianRelease release)
    {
        var machine = await BusMachine.MakeAsync(Lab, release, Implementation.Ours);
        await ServiceUser.AddAsync(machine, User, "dbus-policy.conf");
        var server = await MandosServer.StartAsync(machine, Implementation.Ours, new() { Clients = Client, Bus = true }, Token);
        var bus = new BusMachine(machine, server, Token);
        await bus.WaitForNameAsync();
        const string Path = "/clients/testclient", Interface = "se.recompile.Mandos.Client";

        foreach (var allowed in (string[])
        [
            "/ org.freedesktop.DBus.ObjectManager GetManagedObjects", $"{Path} org.freedesktop.DBus.Properties GetAll s {Interface}",
            "/ dotnet.Mandos.Operator GetStatistics", "/ dotnet.Mandos.Operator Disable ss testclient anna",
        ])
            await CallAsync(allowed);
        Assert.Equal("b false", await bus.PropertyAsync("testclient", "Enabled"));

        foreach (var denied in (string[])
        [
            $"{Path} org.freedesktop.DBus.Properties Set ssv {Interface} Checker s true",
            $"{Path} org.freedesktop.DBus.Properties Set ssv {Interface} Enabled b true",
            $"{Path} org.freedesktop.DBus.Properties Set ssv {Interface} Secret ay 1 1",
            $"{Path} {Interface} Enable", $"{Path} {Interface} CheckedOK", "/ se.recompile.Mandos RemoveClient o /clients/testclient",
            "/ dotnet.Mandos.Server Reload", "/ dotnet.Mandos.Server SetLogLevel s DEBUG",
            $"/ dotnet.Mandos.Server AddClient sa{{sv}}ay new 1 KeyID s {new string('1', 64)} 1 1",
            "/ org.freedesktop.DBus.ObjectManager Other", "/ org.freedesktop.DBus.Introspectable Introspect",
        ])
        {
            var said = await CallAsync($"{denied} 2>&1 || true");
            Assert.Contains("denied", said, StringComparison.OrdinalIgnoreCase);
        }

        // A message without an interface is the server's to resolve; the bus must not let it through.
        var without = await machine.ShellAsync(
            $"{AsUser}dbus-send --system --print-reply --dest=se.recompile.Mandos {Path} Enable 2>&1 || true", Token);
        Assert.DoesNotContain("method return", without, StringComparison.Ordinal);
        Assert.Equal("b false", await bus.PropertyAsync("testclient", "Enabled"));
        Assert.Equal("s \"sleep 1000\"", await bus.PropertyAsync("testclient", "Checker"));

        Task<string> CallAsync(string call) => machine.ShellAsync($"{AsUser}busctl --system call se.recompile.Mandos {call}", Token);
    }

    private const string AsUser = $"setpriv --reuid={User} --regid={User} --clear-groups ";

    private const string Client =
        "[testclient]\nhost = localhost\nkey_id = d99df7b54a7ed79e5e57cdd9c0461686b1f30e43c8edc1f4d248eceb49fcfb23\n"
            + "fingerprint = 1111111111111111111111111111111111111111\nsecret = c2VjcmV0\nchecker = sleep 1000\n";

    /// <summary>Starts mandos-web as its own user, and nginx, which is a member of its group.</summary>
    private static async Task StartWebAsync(Machine machine)
    {
        await ServiceUser.AddAsync(machine, User, "dbus-policy.conf");
        machine.WriteFile("/etc/mandos/mandos-web.conf", Configuration, (UnixFileMode)0b110_100_100);
        machine.WriteFile("/root/browser.py", Browser);
        machine.WriteFile("/etc/nginx/nginx.conf", Proxy);
        machine.WriteFile(
            "/etc/nginx/mandos.htpasswd", "anna:{PLAIN}word\naxel:{PLAIN}word\nvera:{PLAIN}word\n", (UnixFileMode)0b110_100_100);
        await machine.ShellAsync(
            $"install -d -m 750 -o {User} -g {User} /run/mandos-web; usermod --append --groups {User} www-data; mkdir -p /var/log/nginx",
            Token);
        machine.Start(
            new() { LogOutput = true }, "/usr/bin/setpriv", $"--reuid={User}", $"--regid={User}", "--clear-groups", "--", "sh", "-c",
            $"umask 007; exec {Web}");
        await machine.WaitForListenerAsync(9653, TimeSpan.FromSeconds(20), Token);
        machine.Start(new() { LogOutput = true }, "/usr/sbin/nginx");
        await machine.WaitForListenerAsync(80, TimeSpan.FromSeconds(20), Token);
    }

    private static async Task<(int Status, string Location, string Body)> BrowseAsync(
        Machine machine, string method, string address, string person, string form = "", params string[] headers)
    {
        var words = (string[])["python3", "/root/browser.py", method, address, person, form, .. headers];
        var said = await machine.ShellAsync(string.Join(' ', words.Select(word => $"'{word}'")), Token);
        var parts = JsonDocument.Parse(said).RootElement;
        return (parts[0].GetInt32(), parts[1].GetString()!, parts[2].GetString()!);
    }

    private static async Task<string> WaitForPageAsync(Machine machine, string text, string address = "/", string person = "vera")
    {
        for (var attempt = 0; ; attempt++)
        {
            var page = (await BrowseAsync(machine, "GET", address, person)).Body;
            if (page.Contains(text, StringComparison.Ordinal))
                return page;
            Assert.True(attempt < 100, $"the page does not contain '{text}':\n{page}");
            await Task.Delay(200, Token);
        }
    }

    private static async Task MetricsContainAsync(Machine machine, string line)
    {
        for (var attempt = 0; ; attempt++)
        {
            var text = await FetchAsync(machine, "/metrics");
            if (text.Contains(line, StringComparison.Ordinal))
                return;
            Assert.True(attempt < 100, $"the metrics do not contain '{line}':\n{text}");
            await Task.Delay(200, Token);
        }
    }

    /// <summary>The status and the body of the socket of the metrics.</summary>
    private static Task<string> FetchAsync(Machine machine, string path) => machine.ShellAsync(
        string.Create(
            CultureInfo.InvariantCulture,
            $"python3 -c 'import http.client as h; c = h.HTTPConnection(\"127.0.0.1\", 9653, timeout=20); c.request(\"GET\", \"{path}\"); r = c.getresponse(); print(r.status, r.read().decode(), end=\"\")'"),
        Token);
}
