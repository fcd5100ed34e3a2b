using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Mandos.Core.Exchange;
using Mandos.Server.Tests.Listening;

namespace Mandos.Server.Tests.Startup;

/// <summary>The program starts and serves although what it writes to takes nothing.</summary>
public sealed class StandstillProcessTests : ServerProcess
{
    [Fact]
    public async Task The_server_starts_serves_and_stops_when_nothing_reads_its_log_and_standard_error()
    {
        Write("mandos.conf", "[DEFAULT]\nzeroconf = no\nuse_dbus = no\n");
        Write("clients.conf", $"[a]\nkey_id = {TestServer.Keys.KeyId}\nchecker = true\nsecfile = {Folder}/secret\n");
        // In the machine's network, where this process is: the kernel chooses the port.
        using var bash = Start("""
            mkdir /run/dev
            for name in null zero random urandom; do touch /run/dev/$name; mount --bind /dev/$name /run/dev/$name; done
            mount --rbind /run/dev /dev
            perl -MSocket -e '
                socket(D, AF_UNIX, SOCK_DGRAM, 0); bind(D, pack_sockaddr_un("/dev/log")) or die; chmod 0666, "/dev/log";
                socket(S, AF_UNIX, SOCK_DGRAM, 0); $n++ while send(S, "full", MSG_DONTWAIT, pack_sockaddr_un("/dev/log"));
                $| = 1; print "$n\n"; sleep 600' >/run/lines & daemon=$!
            until test -s /run/lines; do sleep 0.05; done
            test $(cat /run/lines) -gt 0 && echo "/dev/log is full"
            mkfifo pipe; exec 4<>pipe
            dd if=/dev/zero of=pipe bs=4096 oflag=nonblock 2>/dev/null || echo "stderr is full"
            perl -MSocket=:all -MPOSIX=dup2 -e '
                $^F = 9; socket(L, AF_INET6, SOCK_STREAM, 0); bind(L, pack_sockaddr_in6(0, inet_pton(AF_INET6, "::1"))); listen(L, 9) or die;
                $| = 1; print +(unpack_sockaddr_in6(getsockname(L)))[0], "\n";
                dup2(fileno(L), 3); ($ENV{LISTEN_FDS}, $ENV{LISTEN_PID}) = (1, $$); exec @ARGV' $mandos --foreground --debug 2>pipe & p=$!
            read -r
            kill $p; wait $p; echo "exit $?"
            kill $daemon
            """);
        Assert.Equal("/dev/log is full", await ReadLineAsync());
        Assert.Equal("stderr is full", await ReadLineAsync());
        var port = int.Parse(await ReadLineAsync(), CultureInfo.InvariantCulture);

        using var socket = new Socket(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.IPv6Loopback, port, TestContext.Current.CancellationToken);
        using var fetched = await SecretRetrieval.RunAsync(
            socket, TestServer.Keys, TlsPriority.Default, TestServer.Patient, TimeProvider.System, null,
            TestContext.Current.CancellationToken);

        Assert.Equal(RetrievalOutcome.Received, fetched.Outcome);
        Assert.Equal(Secret, Encoding.ASCII.GetString(fetched.Secret!.Span));
        await bash.StandardInput.WriteLineAsync();
        Assert.Equal("exit 0", await ReadLineAsync());
        Assert.Equal("", await bash.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken));

        async Task<string> ReadLineAsync() => await bash.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) ?? "nothing";
    }
}
