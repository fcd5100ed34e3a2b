using Mandos.Keygen.Failures;
using Mandos.Keygen.Servers;
using static Mandos.Keygen.Tests.Enrolment.ServerScripts;

namespace Mandos.Keygen.Tests.Enrolment;

/// <summary>How the server is reached, over ssh and on the bus, and what is found there.</summary>
public sealed class ServerLookTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_name_with_control_characters_is_refused()
    {
        using var site = new ScriptedServer();
        site.Write("clients.conf", Section("web\u001b]0;title\a1", "X").Text);

        var error = await Assert.ThrowsAsync<KeygenException>(() => Server(site).LookAsync(Id, "web1", Token));

        Assert.Equal("admin@server: the section in clients.conf does not begin with a name in brackets", error.Message);
    }

    [Fact]
    public async Task The_name_of_another_machine_is_found()
    {
        using var site = new ScriptedServer();
        site.Write("clients.conf", $"[it's \"web1\"; $(x)\\]\nkey_id = {OtherId}\n");

        Assert.Equal("clients.conf", (await Server(site).LookAsync(Id, "it's \"web1\"; $(x)\\", Token)).Taken);
        Assert.Null((await Server(site).LookAsync(OtherId, "it's \"web1\"; $(x)\\", Token)).Taken);
    }

    [Fact]
    public async Task Keys_in_two_sections_are_an_error()
    {
        using var site = new ScriptedServer();
        site.Write("clients.conf", Section("web1", "X").Text + Section("web2", "X").Text);

        var error = await Assert.ThrowsAsync<KeygenException>(() => Server(site).LookAsync(Id, "web1", Token));

        Assert.Contains("in more than one section", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_user_who_is_not_root_needs_sudo()
    {
        using var site = new ScriptedServer(isOurs: false, isRoot: false);
        Assert.Equal(ServerKind.Original, (await Server(site).LookAsync(Id, "web1", Token)).Kind);
        Assert.StartsWith("sudo\n", site.Log, StringComparison.Ordinal);
        using var refusing = new ScriptedServer(hasSudo: false, isRoot: false);

        var error = await Assert.ThrowsAsync<KeygenException>(() => Server(refusing).LookAsync(Id, "web1", Token));

        Assert.Contains("'sudo -n' is refused", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, "-T -o ConnectTimeout=30 -- admin@server")]
    [InlineData(false, "-T -o ConnectTimeout=30 -o BatchMode=yes -- admin@server")]
    public async Task Without_a_terminal_ssh_does_not_ask(bool interactive, string line)
    {
        using var site = new ScriptedServer { SshExit = 255 };

        var error = await Assert.ThrowsAsync<MissingAnswerException>(
            () => new FileServer(new SshTarget(site, "admin@server", interactive)).LookAsync(Id, "web1", Token));

        Assert.Equal([line], site.Lines);
        Assert.Equal("admin@server cannot be reached: ssh: no route", error.Message);
    }

    [Fact]
    public async Task An_interrupted_ssh_leaves_open_what_was_done_there()
    {
        using var site = new ScriptedServer();
        var server = Server(site);
        var state = await server.LookAsync(Id, "web1", Token);
        site.SshExit = 130;

        var error = await Assert.ThrowsAsync<MissingAnswerException>(() => server.InstallAsync(state, Section("web1", "NEW"), Token));

        Assert.StartsWith("admin@server: ssh was interrupted: ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_machine_without_a_server_is_refused()
    {
        using var site = new ScriptedServer();
        site.Clear();

        var error = await Assert.ThrowsAsync<KeygenException>(() => Server(site).LookAsync(Id, "web1", Token));

        Assert.Equal("admin@server has no Mandos server", error.Message);
    }

    [Theory]
    [InlineData("known", true, false)]
    [InlineData("taken", false, true)]
    [InlineData("new", false, false)]
    public async Task On_the_bus_mandos_ctl_adds_a_client_or_sets_its_secret(string kind, bool isKnown, bool isTaken)
    {
        using var site = new ScriptedServer();
        site.Program(
            "mandos-ctl",
            $$"""
            case "$*" in
              --help) echo '  add       Adds clients' ;;
              'list --names') ;;
              'show --json -- web1')
                case {{kind}} in known) echo '"key_id": "{{Id.ToUpperInvariant()}}"' ;; taken) echo '"key_id": "{{OtherId}}"' ;; *) exit 1 ;; esac ;;
              *) echo "$*" >&2; cat >&2; exit 1 ;;
            esac
            """);
        var server = new BusServer(new SshTarget(site, "server", interactive: true));
        var state = await server.LookAsync(Id, "web1", Token);
        Assert.Equal((isKnown, isTaken), (state.IsKnown, state.Taken is not null));

        var error = await Assert.ThrowsAsync<KeygenException>(() => server.InstallAsync(state, Section("web1", "NEW"), Token));

        Assert.EndsWith(isKnown ? "mandos-ctl does not add the client: SECRET" : "secret = NEW", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("-oProxyCommand=x")]
    [InlineData("a b")]
    [InlineData("a\nb")]
    public void A_server_that_ssh_could_misunderstand_is_refused(string name) =>
        Assert.Throws<KeygenException>(() => SshTarget.Parse(name));

    [Theory]
    [InlineData("web1.example.org", true)]
    [InlineData("", false)]
    [InlineData(".hidden", false)]
    [InlineData("-x", false)]
    [InlineData("a/b", false)]
    [InlineData("a b", false)]
    [InlineData("DEFAULT", false)]
    public void A_name_is_also_that_of_a_file(string name, bool isAccepted)
    {
        if (isAccepted)
            Assert.Equal(name, ClientName.Check(name));
        else
            Assert.Throws<KeygenException>(() => ClientName.Check(name));
    }
}
