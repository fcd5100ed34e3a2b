namespace Mandos.Interop.Images;

/// <summary>
/// What takes the place of dracut's function that asks for a password, with a plugin-runner that shows how it is called:
/// it gives a wrong password first, then what it is told to.
/// </summary>
public sealed class DracutQuestionTests : InteropTest
{
    private const string Script = "initramfs-hooks/dracut/90mandos/ask-for-password.sh";

    // As cryptroot-ask calls it; the disk opens with "right".
    private const string Ask = """
        warn() { echo "warning: $*" >&2; }
        device=/dev/vda2 luksname=luks-1
        . /lib/mandos/ask-for-password.sh
        status=0
        ask_for_password --ply-tries 3 --ply-cmd "read -r p; echo tried:\$p >>/run/tried; [ \"\$p\" = right ]" \
            --ply-prompt "Password (a, b)" --tty-tries 1 --tty-cmd "echo never; false" || status=$?
        cat $1 /run/tried /run/called
        echo "status $status"
        """;

    [Fact(DisableParallelization = true)]
    public async Task The_password_goes_from_plugin_runner_to_the_command_and_plugins_get_the_prompt()
    {
        var said = await AskAsync("echo right");
        Assert.Equal(
            "tried:right\n"
            + "--config-file=/etc/mandos/plugin-runner.conf --options-for=password-prompt:--prompt=Password (a  b) "
            + "--options-for=plymouth:--prompt=Password (a  b) | /dev/vda2 luks-1 /dev/vda2 luks-1\nstatus 0\n",
            said);
    }

    [Fact(DisableParallelization = true)]
    public async Task After_a_wrong_password_no_server_is_asked_for_a_while()
    {
        var said = await AskAsync("case \"$*\" in *--disable=mandos-client*) echo right ;; *) echo wrong ;; esac");
        Assert.StartsWith("tried:wrong\ntried:right\n", said, StringComparison.Ordinal);
        Assert.Matches("--disable=mandos-client \\| /dev/vda2 luks-1 /dev/vda2 luks-1\nstatus 0\n$", said);
    }

    [Fact(DisableParallelization = true)]
    public async Task Servers_are_asked_again_when_no_key_is_typed_for_a_while()
    {
        // `timeout` of this machine lets time fly.
        var said = await AskAsync(
            "case \"$*\" in *--disable=mandos-client*) exec sleep 60 ;; esac; [ $(grep -c . /run/called) -gt 4 ] && echo right || "
                + "echo wrong",
            "echo \"limit $4\" >>/run/limits; shift 4; PATH=/usr/bin:/bin exec /usr/bin/timeout --foreground 1 \"$@\"",
            shown: "/run/limits");
        Assert.Equal("limit 15\nlimit 30\n", said[..said.IndexOf("tried", StringComparison.Ordinal)]);
        Assert.EndsWith("status 0\n", said, StringComparison.Ordinal);
        Assert.Contains("tried:wrong\ntried:\ntried:wrong\ntried:\ntried:right\n", said, StringComparison.Ordinal);
    }

    [Fact(DisableParallelization = true)]
    public async Task A_user_gets_as_many_attempts_as_dracut_allows()
    {
        var said = await AskAsync("echo wrong");
        Assert.StartsWith("tried:wrong\ntried:wrong\ntried:wrong\ntried:wrong\n-", said, StringComparison.Ordinal);
        Assert.EndsWith("status 1\n", said, StringComparison.Ordinal);
    }

    [Theory(DisableParallelization = true), InlineData("kill -SEGV $$"), InlineData("exit 126")]
    public async Task When_plugin_runner_does_not_run_dracut_asks_for_the_password(string end)
    {
        var said = await AskAsync(
            end, before: "echo 'ask_for_password() { echo \"dracut asks: $4\"; }' >/lib/mandos/dracut-crypt-lib.sh; ");
        Assert.StartsWith("dracut asks: read -r p", said, StringComparison.Ordinal);
        Assert.EndsWith("status 0\n", said, StringComparison.Ordinal);
    }

    [Fact(DisableParallelization = true)]
    public async Task A_password_that_opened_one_disk_is_tried_on_the_next_one_before_asking()
    {
        var said = await AskAsync(
            "echo right",
            after: "device=/dev/vdb luksname=luks-2; ask_for_password --cmd \"read -r p; echo second:\\$p >>/run/tried; [ "
                + "\\\"\\$p\\\" = right ]\" --prompt x; cat /run/tried; wc -l </run/called");
        Assert.EndsWith("status 0\ntried:right\nsecond:right\n1\n", said, StringComparison.Ordinal);
    }

    [Fact(DisableParallelization = true)]
    public async Task If_the_password_does_not_open_the_next_disk_another_one_is_fetched()
    {
        var said = await AskAsync(
            "[ \"$CRYPTTAB_NAME\" = luks-1 ] && echo right || echo other",
            after: "device=/dev/vdb luksname=luks-2; ask_for_password --cmd \"read -r p; echo second:\\$p >>/run/tried; [ "
                + "\\\"\\$p\\\" = other ]\" --prompt x; cat /run/tried; wc -l </run/called");
        Assert.EndsWith("status 0\ntried:right\nsecond:right\nsecond:other\n2\n", said, StringComparison.Ordinal);
    }

    [Fact(DisableParallelization = true)]
    public async Task A_password_that_does_not_open_a_disk_is_not_tried_on_the_next_one()
    {
        var said = await AskAsync(
            "echo wrong",
            after: "device=/dev/vdb luksname=luks-2; : >/run/tried; ask_for_password --cmd \"read -r p; echo second:\\$p "
                + ">>/run/tried; wc -l </run/called >>/run/tried; true\" --prompt x; cat /run/tried");
        Assert.EndsWith("status 1\nsecond:wrong\n5\n", said, StringComparison.Ordinal);
    }

    private async Task<string> AskAsync(string answer, string? timeout = null, string before = "", string shown = "", string after = "")
    {
        const UnixFileMode executable = (UnixFileMode)0b111_101_101;
        var machine = await Lab.MachineAsync("client", DebianRelease.Bookworm);
        machine.WriteFile("/lib/mandos/ask-for-password.sh", await File.ReadAllBytesAsync(Path.Combine(Golden.Root, Script), Token));
        machine.WriteFile(
            "/lib/mandos/plugin-runner",
            $"#!/bin/sh\necho \"$* | $CRYPTTAB_SOURCE $CRYPTTAB_NAME $cryptsource $crypttarget\" >>/run/called\n{answer}\n", executable);
        // The real one; it keeps under a name that others use, too.
        machine.WriteFile("/lib/mandos/mandos-client", "#!/bin/sh\nexec /opt/mandos/mandos-client \"$@\"\n", executable);
        machine.WriteFile("/run/tried", "");
        if (timeout is not null)
            machine.WriteFile("/usr/local/bin/timeout", $"#!/bin/sh\n{timeout}\n", executable);
        // dracut's own shell has no errexit.
        var done = await machine.RunAsync(
            new(), TimeSpan.FromSeconds(60), Token, "/bin/sh", "-uc", $"{before}{Ask}\n{after}\nmandos_keeper forget", "ask", shown);
        return done.OrThrow().Text;
    }
}
