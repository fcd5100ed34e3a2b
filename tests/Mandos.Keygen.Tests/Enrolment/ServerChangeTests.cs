using System.Diagnostics;
using Mandos.Keygen.Failures;
using Mandos.Keygen.Servers;
using static Mandos.Keygen.Tests.Enrolment.ServerScripts;

namespace Mandos.Keygen.Tests.Enrolment;

/// <summary>How the scripts add, replace and remove sections in the server's files, in a real sh.</summary>
public sealed class ServerChangeTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_new_machine_gets_a_file_of_its_own_and_the_server_a_signal()
    {
        using var site = new ScriptedServer();
        using var process = StartProcess(site);
        var server = Server(site);
        var state = await server.LookAsync(Id, "web1", Token);
        Assert.Equal(new ServerState(ServerKind.Ours, "mandos 1.2.3", null, null, false, null), state);

        var installed = await server.InstallAsync(state, Section("web1", "NEW"), Token);

        Assert.Equal(Section("web1", "NEW").Text, site.Read("clients.d/web1.conf"));
        Assert.Equal("[DEFAULT]\n", site.Read("clients.conf"));
        Assert.Equal(["mandos: warning: a warning"], installed.Warnings);
        await process.WaitForExitAsync(Token);
        var now = await server.LookAsync(Id, "web1", Token);
        Assert.Equal(("clients.d/web1.conf", Section("web1", "NEW").Text, null), (now.File, now.Section, now.Taken));
    }

    [Fact]
    public async Task What_the_server_refuses_is_removed_again()
    {
        using var site = new ScriptedServer();
        using var process = StartProcess(site);
        var server = Server(site);

        var error = await Assert.ThrowsAsync<KeygenException>(
            async () => await server.InstallAsync(await server.LookAsync(Id, "web1", Token), Section("web1", "INVALID"), Token));

        Assert.Contains("mandos: error: INVALID", error.Message, StringComparison.Ordinal);
        Assert.Equal(["clients.conf"], site.Names);
        Assert.False(process.HasExited);
        process.Kill();
    }

    [Theory]
    [InlineData("NEW", true)]
    [InlineData("INVALID", false)]
    public async Task New_keys_take_the_place_of_the_old_ones_in_one_step_or_not_at_all(string text, bool isDone)
    {
        using var site = new ScriptedServer();
        using var process = StartProcess(site);
        const string others = "[other]\nhost = x\n\n# last\n";
        var (old, next) = (Section("web1", "OLD").Text, Section("web1-next", "NEXT").Text.Replace(Id, OtherId, StringComparison.Ordinal));
        var before = $"# first\n{old}\n{others}\n\n{next}";
        site.Write("clients.d/web1.conf", before);
        var server = Server(site);
        var section = Section("web1", text) with { KeyId = OtherId };
        var state = await server.LookAsync(Id, "", Token);

        if (isDone)
            _ = await server.PromoteAsync(state, Id, section, Token);
        else
            await Assert.ThrowsAsync<KeygenException>(() => server.PromoteAsync(state, Id, section, Token));

        Assert.Equal(isDone ? $"# first\n{section.Text}\n{others}" : before, site.Read("clients.d/web1.conf"));
        if (!process.HasExited)
            process.Kill();
    }

    [Fact]
    public async Task A_server_that_does_not_run_keeps_its_files_as_they_were()
    {
        using var site = new ScriptedServer();
        site.Write("clients.d/web1.conf", Section("web1", "OLD").Text);
        var server = Server(site);

        var error = await Assert.ThrowsAsync<KeygenException>(
            async () => await server.InstallAsync(await server.LookAsync(Id, "web1", Token), Section("web1", "NEW"), Token));

        Assert.Contains("the server does not reload", error.Message, StringComparison.Ordinal);
        Assert.Equal(Section("web1", "OLD").Text, site.Read("clients.d/web1.conf"));
        Assert.Equal(["clients.conf", "clients.d/web1.conf"], site.Names);
    }

    [Fact]
    public async Task Another_program_that_got_the_number_of_the_server_is_not_signalled()
    {
        using var site = new ScriptedServer();
        using var process = StartProcess(site, "another");
        var server = Server(site);

        var error = await Assert.ThrowsAsync<KeygenException>(
            async () => await server.InstallAsync(await server.LookAsync(Id, "web1", Token), Section("web1", "NEW"), Token));

        Assert.Contains("no server runs there", error.Message, StringComparison.Ordinal);
        Assert.False(process.HasExited);
        process.Kill();
    }

    [Fact]
    public async Task The_original_gets_the_section_in_clients_conf_and_a_restart_and_keeps_a_backup()
    {
        using var site = new ScriptedServer(isOurs: false);
        var server = Server(site);
        var state = await server.LookAsync(Id, "web1", Token);
        Assert.Equal(ServerKind.Original, state.Kind);

        var installed = await server.InstallAsync(state, Section("web1", "NEW"), Token);

        Assert.Equal($"[DEFAULT]\n\n{Section("web1", "NEW").Text}", site.Read("clients.conf"));
        Assert.Equal("[DEFAULT]\n", site.Read("clients.conf.old"));
        Assert.Equal("restart\n", site.Log);
        await installed.UndoAsync!(Token);
        Assert.Equal("[DEFAULT]\n", site.Read("clients.conf"));
        Assert.Equal("restart\nrestart\n", site.Log);
    }

    [Fact]
    public async Task Machines_that_are_enrolled_at_once_all_get_their_sections()
    {
        using var site = new ScriptedServer(isOurs: false);
        var server = Server(site);
        var state = await server.LookAsync(OtherId, "none", Token);
        var sections = Enumerable.Range(0, 8)
            .Select(i => Section($"web{i}", $"S{i}") with { KeyId = new((char)('0' + i), 64) })
            .Select(one => one with { Text = one.Text.Replace(Id, one.KeyId, StringComparison.Ordinal) })
            .ToList();

        await Task.WhenAll(sections.Select(section => server.InstallAsync(state, section, Token)));

        Assert.All(sections, section => Assert.Contains(section.Text, site.Read("clients.conf"), StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_another_run_has_installed_since_is_not_taken_back()
    {
        using var site = new ScriptedServer(isOurs: false);
        var server = Server(site);
        var installed = await server.InstallAsync(await server.LookAsync(Id, "web1", Token), Section("web1", "NEW"), Token);
        var other = Section("web2", "OTHER") with { KeyId = OtherId };
        await server.InstallAsync(await server.LookAsync(OtherId, "web2", Token), other, Token);
        var before = site.Read("clients.conf");

        var error = await Assert.ThrowsAsync<KeygenException>(() => installed.UndoAsync!(Token));

        Assert.EndsWith("/etc/mandos/clients.conf is not restored: it has been changed since", error.Message, StringComparison.Ordinal);
        Assert.Equal(before, site.Read("clients.conf"));
    }

    [Fact]
    public async Task What_began_is_completed_without_a_connection()
    {
        using var site = new ScriptedServer();
        using var process = StartProcess(site);
        var server = Server(site);
        var state = await server.LookAsync(Id, "web1", Token);
        site.IsUnheard = true;

        _ = await server.InstallAsync(state, Section("web1", "NEW"), Token);

        Assert.Equal(["clients.conf", "clients.d/web1.conf"], site.Names);
        await process.WaitForExitAsync(Token);
    }

    [Fact]
    public async Task A_file_that_is_a_link_stays_one()
    {
        using var site = new ScriptedServer(isOurs: false);
        var server = Server(site);
        site.Link("clients.conf", "managed/clients.conf");
        var state = await server.LookAsync(Id, "web1", Token);

        var installed = await server.InstallAsync(state, Section("web1", "NEW"), Token);

        Assert.Equal($"[DEFAULT]\n\n{Section("web1", "NEW").Text}", site.Read("managed/clients.conf"));
        await installed.UndoAsync!(Token);
        Assert.Equal("[DEFAULT]\n", site.Read("managed/clients.conf"));
        Assert.Equal("[DEFAULT]\n", site.Read("clients.conf"));
    }

    [Fact]
    public async Task The_original_that_does_not_restart_gets_its_file_back_and_is_restarted()
    {
        using var site = new ScriptedServer(isOurs: false);
        var server = Server(site);

        await Assert.ThrowsAsync<KeygenException>(
            async () => await server.InstallAsync(await server.LookAsync(Id, "web1", Token), Section("web1", "BROKEN"), Token));

        Assert.Equal("[DEFAULT]\n", site.Read("clients.conf"));
        Assert.Equal("restart\nrestart\n", site.Log);
    }

    [Theory]
    [InlineData("clients.conf")]
    [InlineData("clients.d/all.conf")]
    public async Task A_section_among_others_is_replaced_in_its_place_and_removed_without_a_trace(string file)
    {
        const string Before = "[DEFAULT]\ntimeout = PT1H\n# about web0\n[web0]\nkey_id = 0\n\n# about web1\n";
        const string After = "\n# about web2\n[web2]\nkey_id: b\nsecret =\n  QQ==\n";
        using var site = new ScriptedServer(isOurs: false);
        site.Write(file, $"{Before}[web1]\n# inside\nKEY_ID : {Id[..32].ToUpperInvariant()} {Id[32..]}\nsecret = OLD\n  OLD\n{After}");
        var server = Server(site);
        var state = await server.LookAsync(Id, "other name", Token);
        Assert.Equal(
            (file, $"[web1]\n# inside\nKEY_ID : {Id[..32].ToUpperInvariant()} {Id[32..]}\nsecret = OLD\n  OLD\n"),
            (state.File, state.Section));

        await server.InstallAsync(state, Section("web1", "NEW"), Token);
        Assert.Equal($"{Before}{Section("web1", "NEW").Text}{After}", site.Read(file));

        await server.RemoveAsync(await server.LookAsync(Id, "web1", Token), Id, "web1", Token);
        Assert.Equal($"{Before}{After}", site.Read(file));
    }

    [Fact]
    public async Task A_file_of_its_own_is_removed_with_the_section()
    {
        using var site = new ScriptedServer(isOurs: false);
        site.Write("clients.d/web1.conf", Section("web1", "OLD").Text);
        site.Write("clients.d/web1.conf.old", "older");
        var server = Server(site);

        await server.RemoveAsync(await server.LookAsync(Id, "web1", Token), Id, "web1", Token);

        Assert.Equal(["clients.conf"], site.Names);
    }

    [Fact]
    public async Task A_file_that_would_be_empty_gets_a_comment()
    {
        using var site = new ScriptedServer(isOurs: false);
        site.Write("clients.conf", Section("web1", "OLD").Text);
        var server = Server(site);

        await server.RemoveAsync(await server.LookAsync(Id, "web1", Token), Id, "web1", Token);

        Assert.Equal("# no clients\n", site.Read("clients.conf"));
    }

    [Fact]
    public async Task A_section_that_arrives_in_part_is_not_installed()
    {
        using var site = new ScriptedServer(isOurs: false);
        var server = Server(site);
        var state = await server.LookAsync(Id, "web1", Token);
        site.Arriving = 10;

        var error = await Assert.ThrowsAsync<KeygenException>(() => server.InstallAsync(state, Section("web1", "NEW"), Token));

        Assert.Contains("before the whole section was there", error.Message, StringComparison.Ordinal);
        Assert.Equal(["clients.conf"], site.Names);
    }

    [Fact]
    public void Another_secret_leaves_the_rest_of_a_section_as_it_is() => Assert.Equal(
        "[a]\nhost = x\nsecret =\n    U0VD\ntimeout = PT1H\n  secret\n",
        SectionText.WithSecret("[a]\nhost = x\nSecret : QUFB\n  QUFB\n\tQUFB\ntimeout = PT1H\n  secret\n", "SEC"u8));

    /// <summary>A process that a reload ends, so that the signal is seen.</summary>
    private static Process StartProcess(ScriptedServer site, string name = "mandos")
    {
        var process = Process.Start(new ProcessStartInfo(site.Sleeper(name), ["600"]))!;
        site.WritePid(process.Id);
        return process;
    }
}
