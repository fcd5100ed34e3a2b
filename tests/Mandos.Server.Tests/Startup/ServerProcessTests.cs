using Mandos.Server.Tests.ClientFiles;

namespace Mandos.Server.Tests.Startup;

/// <summary>The program as a process: its start, its user, its lines, its signals.</summary>
public sealed class ServerProcessTests : ServerProcess
{
    [Fact]
    public async Task Root_reads_the_secret_and_the_unprivileged_user_serves()
    {
        var output = await RunAsync("""
            $mandos --foreground 2>log & p=$!
            wait_for listens
            id=$(id -u _mandos 2>/dev/null || id -u mandos 2>/dev/null || id -u nobody)
            [ "$(user $p | xargs)" != "$id $id $id $id" ] || echo unprivileged
            exec 3<>/dev/tcp/127.0.0.1/4711; printf '2\r\n' >&3; cat <&3
            wait_for version.of.the.protocol
            kill -HUP $p; wait_for reloaded.clients
            kill $p; wait $p; echo "exit $?"
            cat log
            """);

        Assert.Equal("""
            unprivileged
            exit 0
            mandos: info: version 0.1.0 listens on [::]:4711 for 1 client, 1 enabled
            mandos: warning: 127.0.0.1: the peer uses a newer version of the protocol
            mandos: info: reloaded clients (mandos.conf is not reloaded): 1 client, 0 changed, added or removed
            mandos: info: stopped

            """, output);
    }

    [Fact]
    public async Task In_the_background_the_first_process_reports_success_or_failure()
    {
        var output = await RunAsync("""
            $mandos 2>log; echo "exit $?"
            p=$(cat /run/mandos.pid)
            readlink /proc/$p/cwd /proc/$p/fd/0 /proc/$p/fd/1 /proc/$p/fd/2
            test "$(ps -o sid= -p $p | tr -d ' ')" = $p && echo "a session of its own"
            $mandos; echo "exit $?"
            test $p = $(cat /run/mandos.pid) && echo "still $(cat /proc/$p/comm)"
            kill $p
            """);

        Assert.Equal("""
            exit 0
            /
            /dev/null
            /dev/null
            /dev/null
            a session of its own
            exit 1
            still mandos
            mandos: error: cannot listen on [::]:4711: Address already in use
            hint: another server may be running; each needs its own port

            """, output);
    }

    /// <summary>As apt starts it on a machine without systemd.</summary>
    [Fact]
    public async Task A_server_whose_parent_ignores_SIGHUP_reloads()
    {
        var output = await RunAsync("""
            trap '' HUP
            $mandos --foreground 2>log & p=$!
            wait_for listens
            kill -HUP $p; wait_for reloaded.clients
            kill $p; wait $p; echo "exit $?"
            """);

        Assert.Equal("exit 0\n", output);
    }

    [Fact]
    public async Task In_the_background_relative_paths_mean_the_same_at_startup_and_at_a_reload()
    {
        var secret = $"secfile = {Folder[1..]}/secret\n";
        await File.WriteAllTextAsync(
            Path.Combine(Folder, "clients.conf"), $"[early]\nkey_id = {ClientFile.Key}\n{secret}", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(
            Path.Combine(Folder, "late"), $"[latecomer]\nkey_id = {new string('1', 64)}\n{secret}", TestContext.Current.CancellationToken);
        var output = await RunAsync("""
            ./mandos --configdir . --statedir state 2>log; echo "exit $?"
            p=$(cat /run/mandos.pid)
            grep -qa early state/clients.sqlite* && echo "early is there"
            cat late >> clients.conf
            kill -HUP $p
            for i in $(seq 200); do grep -qa latecomer state/clients.sqlite* && break; sleep 0.05; done
            grep -qa latecomer state/clients.sqlite* && echo "latecomer is there"
            kill $p
            """);

        Assert.Equal("exit 0\nearly is there\nlatecomer is there\n", output);
    }

    [Fact]
    public async Task A_refused_second_server_does_not_overwrite_the_pid_file_of_the_first()
    {
        var output = await RunAsync("""
            $mandos 2>log
            before=$(cat /run/mandos.pid)
            $mandos --port=4712 2>log; echo "exit $?"; cat log
            test "$before" = "$(cat /run/mandos.pid)" && echo "still $(cat /proc/$before/comm)"
            kill $before
            """);

        Assert.Equal("""
            exit 1
            mandos: error: another server uses /run/state
            hint: each server needs its own state directory: --statedir
            still mandos

            """, output);
    }

    [Fact]
    public async Task A_failure_to_lock_secrets_into_memory_is_logged_once_with_a_hint()
    {
        await File.AppendAllTextAsync(
            Path.Combine(Folder, "clients.conf"), $"[b]\nkey_id = {new string('b', 64)}\nsecret = wQED0gEB\n",
            TestContext.Current.CancellationToken);
        var output = await RunAsync("""
            chmod -R a+rX .
            chmod go= clients.conf secret; chown 65534 clients.conf secret
            mkdir -m 777 /run/mandos
            prlimit --memlock=0:0 setpriv --reuid=65534 --regid=65534 --clear-groups $mandos --statedir=/run/mandos/state --foreground 2>log & p=$!
            wait_for listens
            kill -HUP $p; wait_for reloaded.clients
            kill $p; wait $p
            cat log
            $mandos --foreground 2>log & p=$!
            wait_for listens
            kill $p; wait $p
            cat log
            """);

        Assert.Equal("""
            mandos: warning: secrets may be swapped out: only 0 KiB of memory can be locked; hint: a larger LimitMEMLOCK= in the unit (systemctl edit mandos), or 'ulimit -l' before the start
            mandos: info: version 0.1.0 listens on [::]:4711 for 2 clients, 2 enabled
            mandos: info: reloaded clients (mandos.conf is not reloaded): 2 clients, 0 changed, added or removed
            mandos: info: stopped
            mandos: info: version 0.1.0 listens on [::]:4711 for 2 clients, 2 enabled
            mandos: info: stopped

            """, output);
    }

    [Fact]
    public async Task SIGINT_also_stops_the_server_cleanly()
    {
        var output = await RunAsync("""
            # A shell without job control has its background processes ignore SIGINT.
            env --default-signal=INT $mandos --foreground 2>log & p=$!
            wait_for listens
            kill -INT $p; wait $p; echo "exit $?"
            """);

        Assert.Equal("exit 0\n", output);
    }

    [Fact]
    public async Task The_servers_output_appears_in_order_among_the_output_of_other_programs()
    {
        var output = await RunAsync("""
            (echo one; $mandos --check-config; echo two; $mandos --nosuch; echo three) >both 2>&1
            cat both
            """);

        Assert.Equal(
            $"one\n{Folder}/clients.conf: 1 client, 1 enabled\ntwo\nmandos: error: unrecognized option '--nosuch'\nhint: "
                + "try 'mandos --help'\nthree\n",
            output);
    }

    [Fact]
    public async Task With_one_interface_given_the_server_listens_on_no_other()
    {
        var output = await RunAsync("""
            ip link add one type veth peer name two
            ip link set one up; ip link set two up
            $mandos --foreground --interface=one 2>log & p=$!
            wait_for listens
            ss --no-header --listening --tcp --numeric | tr -s ' ' | cut -d ' ' -f 4
            (exec 3<>/dev/tcp/127.0.0.1/4711) 2>/dev/null || echo refused
            kill $p; wait $p; echo "exit $?"
            """);

        Assert.Equal("*%one:4711\nrefused\nexit 0\n", output);
    }

    [Fact]
    public async Task A_malformed_clients_conf_stops_the_first_start()
    {
        await File.WriteAllTextAsync(Path.Combine(Folder, "clients.conf"), "[a]\nword\n", TestContext.Current.CancellationToken);

        Assert.Equal($"exit 1\nmandos: error: {Folder}/clients.conf:2: the line is not a [section], a 'key = value' or a "
            + "continuation of the line above\n",
            await RunAsync("$mandos --foreground; echo exit $?"));
    }

    [Fact]
    public async Task Without_clients_conf_the_server_serves_no_client_and_logs_it()
    {
        File.Delete(Path.Combine(Folder, "clients.conf"));
        var output = await RunAsync("""
            $mandos --foreground 2>log & p=$!
            wait_for listens
            kill $p; wait $p; echo "exit $?"
            cat log
            """);

        Assert.StartsWith("exit 0\nmandos: warning: no clients\n", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Emptying_clients_conf_removes_clients_only_if_it_contains_a_comment()
    {
        var output = await RunAsync("""
            $mandos --foreground 2>log & p=$!
            wait_for listens
            kill $p; wait $p
            : >clients.conf
            (umask 077; mkdir clients.d; echo "# none" >clients.d/x.conf)
            $mandos --foreground 2>log & p=$!
            wait_for listens
            kill -HUP $p; wait_for reload.failed
            echo "# none" >clients.conf
            kill -HUP $p; wait_for reloaded.clients
            kill $p; wait $p
            grep -v ": removed$" log
            """);

        Assert.Equal("""
            mandos: error: clients.conf is missing or empty: 1 client that is in no other file is kept as it was saved; hint: restore it, or put a comment into it to remove its clients, then reload
            mandos: info: version 0.1.0 listens on [::]:4711 for 1 client, 1 enabled
            mandos: error: reload failed, nothing changed: clients.conf: it is empty; hint: restore it, or put a comment into it to remove its clients
            mandos: warning: client [a] is removed: it is no longer in the configuration
            mandos: info: reloaded clients (mandos.conf is not reloaded): 0 clients, 1 changed, added or removed
            mandos: info: stopped

            """, output.Replace(Folder + "/", "", StringComparison.Ordinal));
    }
}
