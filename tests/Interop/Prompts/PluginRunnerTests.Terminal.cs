namespace Mandos.Interop.Prompts;

/// <summary>Questions on a terminal.</summary>
public sealed partial class PluginRunnerTests
{
    [Fact]
    public async Task The_fallback_asks_on_the_terminal_without_echo_and_restores_it()
    {
        var machine = await ClientAsync();
        machine.WriteFile("/srv/terminal.py", """
            import os, pty, select, sys, termios, time
            pid, master = pty.fork()
            if pid == 0:
                out = os.open("/srv/out", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
                os.dup2(out, 1)
                os.execvp(sys.argv[1], sys.argv[1:])
            echo = lambda: bool(termios.tcgetattr(master)[3] & termios.ECHO)
            shown = b""
            while b"Password: " not in shown:
                shown += os.read(master, 1000)
            print("echo", echo())
            os.write(master, b"sec ret\n")
            try:
                while True:
                    shown += os.read(master, 1000)
            except OSError:
                pass
            print("status", os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
            print("shown", b"sec ret" in shown)
            print("out", open("/srv/out").read())
            """);
        var text = await machine.ShellAsync($"python3 /srv/terminal.py {Command()}", Token);
        Assert.Equal("echo False\nstatus 0\nshown False\nout sec ret\n", text);
    }

    [Fact]
    public async Task A_shell_plugin_can_ask_on_the_terminal_and_its_question_is_shown_at_once()
    {
        var machine = await ClientAsync(("pin", "#!/bin/sh\nprintf 'PIN: ' >&2\nread -r pin\nprintf '%s' \"$pin\"\n"));
        machine.WriteFile("/srv/terminal.py", """
            import os, pty, sys
            pid, master = pty.fork()
            if pid == 0:
                out = os.open("/srv/out", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
                os.dup2(out, 1)
                os.execvp(sys.argv[1], sys.argv[1:])
            shown = b""
            while b"pin: PIN: " not in shown:
                shown += os.read(master, 1000)
            os.write(master, b"1234\n")
            print("status", os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
            print("out", open("/srv/out").read())
            """);
        Assert.Equal("status 0\nout 1234\n", await machine.ShellAsync($"python3 /srv/terminal.py {Command()}", Token));
    }

    [Fact]
    public async Task Without_a_terminal_there_is_no_prompt_and_no_password()
    {
        var machine = await ClientAsync();
        await using var running = machine.Start(new(), "/usr/bin/setsid", [Runner(Implementation.Ours), .. Options()]);
        var done = await running.WaitAsync(TimeSpan.FromSeconds(20), Token);
        Assert.Equal(74, done.ExitCode);
        Assert.Empty(done.Output);
        Assert.Equal(
            "plugin-runner: error: no plugin gave a password, and there is no terminal for a prompt",
            done.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1]);
        Assert.DoesNotContain("Password:", done.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task If_the_password_cannot_be_written_the_exit_status_is_74()
    {
        var machine = await ClientAsync(("typist", "#!/bin/sh\nprintf secret\n"));
        Assert.Equal("74\n", await machine.ShellAsync($"{Command()} --debug >/dev/full || echo $?", Token));
    }
}
