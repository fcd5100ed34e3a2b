using System.Net.Sockets;
using System.Text;
using Mandos.Core.Keys;
using Mandos.Core.Linux;
using Mandos.Server.Logging;
using Microsoft.Extensions.Logging;

namespace Mandos.Server.Tests.Logging;

public sealed class LogChannelTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("mandos").FullName;
    private readonly StringWriter _error = new();

    private string SystemLog => Path.Combine(_folder, "log");

    private string Journal => Path.Combine(_folder, "journal");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private Socket Listen() => Listen(SystemLog);

    private static Socket Listen(string path)
    {
        File.Delete(path);
        var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { ReceiveTimeout = 10_000 };
        socket.Bind(new UnixDomainSocketEndPoint(path));
        return socket;
    }

    private static string Receive(Socket socket)
    {
        var buffer = new byte[1000];
        return Encoding.UTF8.GetString(buffer, 0, socket.Receive(buffer));
    }

    [Theory]
    [InlineData(LogLevel.Critical, "<26>", "CRITICAL")]
    [InlineData(LogLevel.Error, "<27>", "ERROR")]
    [InlineData(LogLevel.Warning, "<28>", "WARNING")]
    [InlineData(LogLevel.Information, "<30>", "INFO")]
    [InlineData(LogLevel.Debug, "<31>", "DEBUG")]
    public void The_system_log_gets_the_form_that_its_watchers_know(LogLevel level, string priority, string name)
    {
        using var log = Listen();
        using var channel = new LogChannel(SystemLog, _error, journal: null) { ToError = false };

        channel.Write(level, "text");

        Assert.Equal($"{priority}Mandos [{Environment.ProcessId}]: {name}: text\0", Receive(log));
        Assert.Equal("", _error.ToString());
    }

    [Fact]
    public void Another_name_of_the_service_is_part_of_each_line()
    {
        using var log = Listen();
        using var channel = new LogChannel(SystemLog, _error, journal: null) { ServiceName = "Mandos #2" };

        channel.Write(LogLevel.Information, "text");

        Assert.Equal($"<30>Mandos (Mandos #2) [{Environment.ProcessId}]: INFO: text\0", Receive(log));
    }

    [Fact]
    public void The_system_log_may_go_and_come_back()
    {
        using var channel = new LogChannel(SystemLog, _error, journal: null) { ToError = false };
        using (var log = Listen())
            channel.Write(LogLevel.Warning, "one");
        channel.Write(LogLevel.Warning, "two");
        using var again = Listen();
        channel.Write(LogLevel.Warning, "three");

        Assert.EndsWith("three\0", Receive(again), StringComparison.Ordinal);
        Assert.Equal("mandos: warning: two\n", _error.ToString());
    }

    [Fact]
    public void The_journal_gets_each_line_once()
    {
        using var channel = new LogChannel(SystemLog, _error, journal: Journal);
        using (var log = Listen())
            channel.Write(LogLevel.Warning, "by the system log");
        File.Delete(SystemLog);
        channel.Write(LogLevel.Error, "by stderr");

        Assert.Equal("<3>by stderr\n", _error.ToString());
    }

    [Fact]
    public void The_journal_can_be_searched_by_what_a_line_is_about()
    {
        using var journal = Listen(Journal);
        using var log = Listen();
        using var channel = new LogChannel(SystemLog, _error, journal: Journal) { ToError = true };
        using var loggers = LogChannelProvider.CreateFactory(channel, LogLevel.Information);

        loggers.CreateLogger(LogCategory.Decisions).Refused("::1", "we\nb\tMANDOS_CLIENT=x", default, "it is disabled");

        Assert.Equal(
            $"""
            MESSAGE=Mandos [{Environment.ProcessId}]: INFO: ::1: client [we\nb\tMANDOS_CLIENT=x], key_id {default(KeyId)}: refused, it is disabled
            PRIORITY=6
            SYSLOG_FACILITY=3
            MANDOS_EVENT=Refused
            MANDOS_ADDRESS=::1
            MANDOS_CLIENT=we\nb\tMANDOS_CLIENT=x
            MANDOS_KEY_ID={default(KeyId)}
            MANDOS_REASON=it is disabled

            """,
            Receive(journal));
        Assert.Equal(0, log.Available);
        Assert.Equal("", _error.ToString());
    }

    [Fact]
    public void Last_words_go_to_the_system_log_beside_standard_error()
    {
        using var log = Listen();
        using var channel = new LogChannel(SystemLog, _error, journal: null);

        Assert.False(channel.WriteLastWords("cannot listen"));

        Assert.Equal($"<26>Mandos [{Environment.ProcessId}]: CRITICAL: cannot listen\0", Receive(log));
        Assert.Equal("", _error.ToString());
    }

    [Fact]
    public void Last_words_are_in_the_journal_once()
    {
        using var channel = new LogChannel(SystemLog, _error, journal: Journal);
        Assert.False(channel.WriteLastWords("nobody takes them, so that they are to be said on standard error"));
        using var journal = Listen(Journal);

        Assert.True(channel.WriteLastWords("cannot listen"));

        Assert.StartsWith($"MESSAGE=Mandos [{Environment.ProcessId}]: CRITICAL: cannot listen\nPRIORITY=2\n", Receive(journal), StringComparison.Ordinal);
        Assert.Equal("", _error.ToString());
    }

    [Fact]
    public void The_journal_is_what_a_descriptor_leads_to_and_not_what_a_variable_says()
    {
        using var file = File.Create(Path.Combine(_folder, "stream"));
        var descriptor = (int)file.SafeFileHandle.DangerousGetHandle();
        var (device, inode) = FileKind.IdentityOf(descriptor);

        Assert.True(JournalEntry.IsReachedBy($"{device}:{inode}", descriptor));
        Assert.False(JournalEntry.IsReachedBy($"{device}:{inode + 1}", descriptor));
        Assert.False(JournalEntry.IsReachedBy(null, descriptor));
        Assert.False(JournalEntry.IsReachedBy("0:0", descriptor: 1_000_000));
    }

    [Fact]
    public void Nobody_forges_a_line()
    {
        using var channel = new LogChannel(SystemLog, _error, journal: Journal);

        channel.Write(LogLevel.Warning, "a\n<2>b\x1b[2J\0");

        Assert.Equal("<4>a\\n<2>b\\u001b[2J\\u0000\n", _error.ToString());
    }

    [Fact]
    public void Decisions_are_told_at_every_threshold()
    {
        using var channel = new LogChannel(SystemLog, _error, journal: null);
        using var loggers = LogChannelProvider.CreateFactory(channel, LogLevel.Critical);

        loggers.CreateLogger(LogCategory.Decisions).RefusedUnknown("::1", default);
        loggers.CreateLogger(LogCategory.Connections).NoSession("::1", "not told");

        Assert.Matches("^mandos: info: ::1: unknown key_id [0-9a-f]{64}: refused\n$", _error.ToString());
    }
}
