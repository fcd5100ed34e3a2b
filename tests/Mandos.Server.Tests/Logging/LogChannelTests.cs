using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Mandos.Core.Keys;
using Mandos.Core.Linux.Files;
using Mandos.Server.Listening;
using Mandos.Server.Logging;
using Microsoft.Extensions.Logging;

namespace Mandos.Server.Tests.Logging;

public sealed class LogChannelTests : IDisposable
{
    /// <summary>On a machine that is busy; no test waits for it.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly string _folder = Directory.CreateTempSubdirectory("mandos").FullName;
    private readonly StringWriter _error = new();

    private string SystemLog => Path.Combine(_folder, "log");

    private string Journal => Path.Combine(_folder, "journal");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>All that stderr got.</summary>
    private string Errors(LogChannel channel)
    {
        channel.Flush();
        return _error.ToString();
    }

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
    public void System_log_messages_have_the_format_that_log_watchers_expect(LogLevel level, string priority, string name)
    {
        using var log = Listen();
        using var channel = new LogChannel(SystemLog, _error, journal: null, farewell: Patience) { ToError = false };

        channel.Write(level, "text");

        Assert.Equal($"{priority}Mandos [{Environment.ProcessId}]: {name}: text\0", Receive(log));
        Assert.Equal("", Errors(channel));
    }

    [Fact]
    public void A_changed_service_name_is_part_of_each_line()
    {
        using var log = Listen();
        using var channel = new LogChannel(SystemLog, _error, journal: null, farewell: Patience) { ServiceName = "Mandos #2" };

        channel.Write(LogLevel.Information, "text");

        Assert.Equal($"<30>Mandos (Mandos #2) [{Environment.ProcessId}]: INFO: text\0", Receive(log));
    }

    [Fact]
    public void The_system_log_may_disappear_and_come_back()
    {
        using var channel = new LogChannel(SystemLog, _error, journal: null, farewell: Patience) { ToError = false };
        using (var log = Listen())
        {
            channel.Write(LogLevel.Warning, "one");
            channel.Flush();
        }

        channel.Write(LogLevel.Warning, "two");
        channel.Flush();
        using var again = Listen();
        channel.Write(LogLevel.Warning, "three");

        Assert.EndsWith("three\0", Receive(again), StringComparison.Ordinal);
        Assert.Equal("mandos: warning: two\n", Errors(channel));
    }

    [Fact]
    public void The_journal_gets_each_line_once()
    {
        using var channel = new LogChannel(SystemLog, _error, journal: Journal, farewell: Patience);
        using (var log = Listen())
        {
            channel.Write(LogLevel.Warning, "by the system log");
            channel.Flush();
        }

        File.Delete(SystemLog);
        channel.Write(LogLevel.Error, "by stderr");

        Assert.Equal("<3>by stderr\n", Errors(channel));
    }

    [Fact]
    public void The_journal_can_be_searched_by_the_fields_of_a_line()
    {
        using var journal = Listen(Journal);
        using var log = Listen();
        using var channel = new LogChannel(SystemLog, _error, journal: Journal, farewell: Patience) { ToError = true };
        using var loggers = LogChannelProvider.CreateFactory(channel, LogLevel.Information);

        loggers.CreateLogger(LogCategory.Decisions).Refused("::1", "we\nb\tMANDOS_CLIENT=x", default, "it is disabled");

        Assert.Equal(
            $"""
            MESSAGE=::1: client [we\nb\tMANDOS_CLIENT=x], key_id {default(KeyId)}: refused, it is disabled
            PRIORITY=4
            SYSLOG_FACILITY=3
            SYSLOG_IDENTIFIER=mandos
            MANDOS_EVENT=Refused
            MANDOS_ADDRESS=::1
            MANDOS_CLIENT=we\nb\tMANDOS_CLIENT=x
            MANDOS_KEY_ID={default(KeyId)}
            MANDOS_REASON=it is disabled

            """,
            Receive(journal));
        Assert.Equal(0, log.Available);
        Assert.Equal("", Errors(channel));
    }

    [Theory]
    [InlineData(1, "1 more request with an unknown key was refused")]
    [InlineData(2, "2 more requests with unknown keys were refused")]
    public void A_quantity_is_words_in_the_message_and_a_number_in_its_field(int count, string message)
    {
        using var journal = Listen(Journal);
        using var channel = new LogChannel(SystemLog, _error, journal: Journal, farewell: Patience) { ToError = false };
        using var loggers = LogChannelProvider.CreateFactory(channel, LogLevel.Information);

        loggers.CreateLogger(LogCategory.Connections).MoreUnknown(count);

        var entry = Receive(journal);
        Assert.StartsWith($"MESSAGE={message}\n", entry, StringComparison.Ordinal);
        Assert.Contains($"\nMANDOS_COUNT={count}\n", entry, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false, "mandos: warning: ")]
    [InlineData(true, "<4>")]
    public void Messages_that_a_log_daemon_does_not_read_in_time_are_counted_and_the_count_is_logged_in_their_place(
        bool isJournal, string prefix)
    {
        using var log = Listen(isJournal ? Journal : SystemLog);
        using var channel = new LogChannel(SystemLog, _error, isJournal ? Journal : null, capacity: 10_000) { ToError = false };

        // It does not read: a caller that waited for it would block forever.
        for (var i = 0; i < 500; i++)
            channel.Write(LogLevel.Warning, $"line {i}");

        var taken = new List<string>();
        while (taken.Count == 0 || !taken[^1].EndsWith("did not read fast enough", StringComparison.Ordinal))
            taken.Add(Text(Receive(log)));
        var missing = int.Parse(taken[^1].Split(' ')[0], CultureInfo.InvariantCulture);
        Assert.Equal(500, taken.Count - 1 + missing);
        Assert.All(taken.SkipLast(1), (line, i) => Assert.Equal($"line {i}", line));
        Assert.Equal($"{prefix}the log daemon is not reading: dropping messages\n", Errors(channel));

        string Text(string datagram) => isJournal ? datagram.Split('\n')[0]["MESSAGE=".Length..] : datagram.Split(": ", 3)[2].TrimEnd('\0');
    }

    [Theory]
    [InlineData(false, "\0")]
    [InlineData(true, "")]
    public void A_log_daemon_that_reads_late_loses_no_line_that_fits_in_the_queue(bool isJournal, string end)
    {
        using var log = Listen(isJournal ? Journal : SystemLog);
        using var channel = new LogChannel(SystemLog, _error, isJournal ? Journal : null) { ToError = false };

        for (var i = 0; i < 100; i++)
            channel.Write(LogLevel.Warning, $"line {i}");

        for (var i = 0; i < 100; i++)
            Assert.EndsWith($"line {i}{end}", Receive(log).Split('\n')[0], StringComparison.Ordinal);
        Assert.Equal("", Errors(channel));
    }

    [Fact]
    public void An_unread_standard_error_delays_neither_the_caller_nor_the_system_log()
    {
        using var log = Listen();
        using var error = new StuckWriter();
        var channel = new LogChannel(SystemLog, error, journal: null, capacity: 10_000, farewell: TimeSpan.FromMilliseconds(10));

        for (var i = 0; i < 500; i++)
        {
            channel.Write(LogLevel.Warning, $"line {i}");
            Assert.EndsWith($"line {i}\0", Receive(log), StringComparison.Ordinal);
        }

        channel.Dispose();
        Assert.False(error.HasWritten);
    }

    [Fact]
    public void An_overlong_line_is_truncated()
    {
        using var channel = new LogChannel(SystemLog, _error, journal: null, farewell: Patience);

        channel.Write(LogLevel.Warning, new string('x', 1_000_000));

        Assert.Equal($"mandos: warning: {new string('x', 8192)}...\n", Errors(channel));
    }

    [Fact]
    public void The_final_message_goes_to_the_system_log_in_addition_to_standard_error()
    {
        using var log = Listen();
        using var channel = new LogChannel(SystemLog, _error, journal: null, farewell: Patience);

        Assert.False(channel.WriteLastWords("cannot listen"));

        Assert.Equal($"<26>Mandos [{Environment.ProcessId}]: CRITICAL: cannot listen\0", Receive(log));
        Assert.Equal("", Errors(channel));
    }

    [Fact]
    public void The_final_message_is_written_to_the_journal_once()
    {
        using var channel = new LogChannel(SystemLog, _error, journal: Journal, farewell: Patience);
        Assert.False(channel.WriteLastWords("the log does not take them, so they belong on standard error"));
        using var journal = Listen(Journal);

        Assert.True(channel.WriteLastWords("cannot listen"));

        Assert.StartsWith("MESSAGE=cannot listen\nPRIORITY=2\n", Receive(journal), StringComparison.Ordinal);
        Assert.Equal("", Errors(channel));
    }

    [Fact]
    public void The_journal_is_detected_by_the_descriptor_and_not_by_the_variable_alone()
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
    public void No_value_can_forge_a_log_line()
    {
        using var channel = new LogChannel(SystemLog, _error, journal: Journal, farewell: Patience);

        channel.Write(LogLevel.Warning, "a\n<2>b\x1b[2J\0");

        Assert.Equal("<4>a\\n<2>b\\u001b[2J\\u0000\n", Errors(channel));
    }

    [Fact]
    public void Decisions_are_logged_at_every_threshold()
    {
        using var channel = new LogChannel(SystemLog, _error, journal: null, farewell: Patience);
        using var loggers = LogChannelProvider.CreateFactory(channel, LogLevel.Critical);

        loggers.CreateLogger(LogCategory.Decisions).RefusedUnknown("::1", default);
        loggers.CreateLogger(LogCategory.Connections).NoSession("::1", "not told");

        Assert.Matches("^mandos: warning: ::1: unknown key_id [0-9a-f]{64}: refused\n$", Errors(channel));
    }
}
