namespace Mandos.Server.Tests.Startup;

/// <summary>The real program announces itself, in its own network namespace; these tests mostly wait.</summary>
public sealed class ServerAnnouncementTests : ServerProcess
{
    [Fact]
    public async Task The_server_is_announced_on_an_interface_that_appears_later_and_renamed_if_its_name_is_taken()
    {
        await File.WriteAllTextAsync(
            Path.Combine(Folder, "mandos.conf"), "[DEFAULT]\nservicename = Vault\nuse_dbus = no\n", TestContext.Current.CancellationToken);
        var output = await RunAsync("""
            echo 0 > /proc/sys/net/ipv6/conf/default/accept_dad
            $mandos --foreground --debug 2>log & p=$!
            wait_for listens
            ip link add early type veth peer name late
            ip link set early up; ip link set late up
            wait_for 'announced on late'
            $mandos --foreground --interface=late --statedir /run/state2 2>log2 & q=$!
            # Which of the two has to give way is decided by their records.
            for i in $(seq 1200); do grep -qs 'is now announced' log log2 && break; sleep 0.05; done
            grep -h 'is now announced' log log2
            kill $p $q; wait $p; echo "exit $?"; wait $q; echo "exit $?"
            """);

        Assert.Equal("""
            mandos: warning: the name of the service is taken, which is harmless (servicename sets another); it is now announced as 'Vault #2'
            exit 0
            exit 0

            """, output);
    }

    [Fact]
    public async Task A_failed_announcement_is_logged_and_recovers_by_itself()
    {
        await File.WriteAllTextAsync(
            Path.Combine(Folder, "mandos.conf"), "[DEFAULT]\nuse_dbus = no\n", TestContext.Current.CancellationToken);
        var output = await RunAsync("""
            # A program that holds the port of multicast DNS exclusively.
            perl -MSocket=:all -e 'socket(S, AF_INET6, SOCK_DGRAM, 0); bind(S, pack_sockaddr_in6(5353, inet_pton(AF_INET6, "::"))) or die; print "held\n"; sleep 60' >holder & h=$!
            for i in $(seq 200); do grep -qs held holder && break; sleep 0.05; done
            $mandos --foreground 2>log & p=$!
            wait_for not.announced
            kill $h; wait $h
            wait_for announced.again
            kill $p; wait $p; echo "exit $?"
            grep -v 'listens\|stopped\|avahi' log
            """);

        Assert.Equal("""
            exit 0
            mandos: error: the service is not announced, retrying: no multicast DNS on port 5353: Address already in use
            mandos: warning: the service is announced again

            """, output);
    }
}
