using System.Reflection;
using Mandos.Core.Audit;
using Mandos.Server.Audit;
using Mandos.Server.Clients;
using Mandos.Server.Logging;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Mandos.Server.Tests.Audit;

/// <summary>Which events reach the audit trail, and what happens while it cannot be written.</summary>
public sealed class AuditTrailTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("mandos-audit-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void Decisions_are_recorded_whatever_the_log_level_is_with_the_fields_of_the_journal()
    {
        using (var trail = new AuditTrail(TimeProvider.System))
        {
            using var error = new StringWriter();
            using var channel = new LogChannel("/nonexistent", error, null);
            using var loggers = LogChannelProvider.CreateFactory(channel, new LogThreshold(LogLevel.Error), new AuditProvider(trail));
            var logger = loggers.CreateLogger(LogCategory.Checkers);
            logger.Enabled("web1");
            logger.SavedAgain();
            trail.Start(_directory, 1 << 20, NullLogger.Instance);
            logger.Denied("web1", TimeSpan.FromSeconds(1));
        }

        var records = Read();
        Assert.Equal(["TrailBegins", "Enabled", "Denied"], records.Select(record => record.Event));
        Assert.Equal(
            ("client [web1]: denied by an operator, for 00:00:01", "web1", "00:00:01", Environment.MachineName),
            (records[2].Text, records[2].Field("client"), records[2].Field("duration"), records[2].Server));
    }

    /// <summary>What mandos-web shows, also after the server has started again and a new file has begun.</summary>
    [Fact]
    public void The_latest_records_are_in_memory_also_after_a_restart()
    {
        using (var trail = new AuditTrail(TimeProvider.System))
        {
            trail.Start(_directory, 1, NullLogger.Instance);
            trail.Add("Added", "one", [new("client", "web1")]);
            SpinWait.SpinUntil(() => trail.Recent.Find("", 0, 10).Count == 1, 10_000);
            trail.Add("Added", new string('x', 5000), [new("client", "web2")]);
        }

        using var next = new AuditTrail(TimeProvider.System);
        next.Start(_directory, 1 << 20, NullLogger.Instance);
        next.Add("Removed", "three", [new("client", "web1")]);
        SpinWait.SpinUntil(() => next.Recent.Find("", 0, 10).Count == 3, 10_000);

        var all = next.Recent.Find("", 0, 10);
        Assert.Equal(["Removed", "Added", "Added"], all.Select(record => record.Event));
        Assert.Equal(
            Read().Where(one => one.Event != AuditRecord.Begin).Select(one => one.Number).Reverse(), all.Select(one => one.Number));
        Assert.Equal(2003, all[1].Text.Length);
        Assert.Equal(["three", "one"], next.Recent.Find("web1", 0, 10).Select(record => record.Text));
        Assert.Equal(["one"], next.Recent.Find("web1", all[0].Number, 10).Select(record => record.Text));
        Assert.Single(next.Recent.Find("", 0, 1));
    }

    [Fact]
    public void Only_so_many_records_are_kept_in_memory()
    {
        var recent = new RecentRecords();
        for (var i = 1; i <= RecentRecords.Most + 5; i++)
        {
            recent.Add(
                [new() { Number = i, Time = default, Server = "", Event = "Added", Text = "" }]);
        }

        var all = recent.Find("", 0, int.MaxValue);
        Assert.Equal((RecentRecords.Most, 6, RecentRecords.Most + 5), (all.Count, all[^1].Number, all[0].Number));
    }

    [Fact]
    public void The_copy_has_each_record_that_is_on_disk_with_its_hash_also_after_a_new_file_begins()
    {
        var copy = new List<string>();
        using (var trail = new AuditTrail(TimeProvider.System))
        {
            trail.Start(_directory, 1, NullLogger.Instance, copy.Add);
            foreach (var text in (string[])["one", "two\nlines", "three"])
            {
                trail.Add("Added", text, []);
                SpinWait.SpinUntil(() => copy.ToArray().Any(line => line.Contains(text[..3], StringComparison.Ordinal)), 10_000);
            }
        }

        string[] files = ["audit.jsonl.3", "audit.jsonl.2", "audit.jsonl.1", "audit.jsonl"];
        Assert.Equal(
            files.Select(name => Path.Combine(_directory, name)).Where(File.Exists).SelectMany(File.ReadAllLines), copy);
        Assert.Equal(3, copy.Count(line => line.Contains("\"event\":\"Added\"", StringComparison.Ordinal)));
    }

    [Fact]
    public void Each_name_is_that_of_an_event_of_the_log()
    {
        var events =
            from type in typeof(LogCategory).Assembly.GetTypes()
            from method in type.GetMethods(BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.Public)
            where method.GetCustomAttribute<LoggerMessageAttribute>() is { Level: not LogLevel.Debug }
            select method.Name;
        Assert.Superset(AuditEvents.Names.ToHashSet(), events.ToHashSet());
    }

    [Fact]
    public async Task Nothing_is_lost_while_the_directory_is_missing()
    {
        Directory.Delete(_directory);
        var log = new Told();
        using (var trail = new AuditTrail(TimeProvider.System))
        {
            trail.Start(_directory, 1 << 20, log);
            for (var i = 0; i < 2000; i++)
                trail.Add("Added", $"{i}", []);
            await log.First.Task.WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
            Directory.CreateDirectory(_directory);
            await log.Second.Task.WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
            SpinWait.SpinUntil(() => Read().Count > 2000, TimeSpan.FromMinutes(1));
        }

        Assert.Equal(Enumerable.Range(0, 2000).Select(i => $"{i}"), Read().Skip(1).Select(record => record.Text));
    }

    [Fact]
    public void What_does_not_fit_is_counted()
    {
        using (var trail = new AuditTrail(TimeProvider.System))
        {
            for (var i = 0; i < 16 * 1024 + 5; i++)
                trail.Add("Added", "", []);
            trail.Start(_directory, 1 << 30, NullLogger.Instance);
            trail.End();
            SpinWait.SpinUntil(() => Read().Count >= 16 * 1024 + 2, TimeSpan.FromMinutes(1));
        }

        Assert.Equal("5", Assert.Single(Read(), record => record.Event == "TrailIncomplete").Field("count"));
    }

    private List<AuditRecord> Read()
    {
        var reader = new AuditReader(_directory);
        return [.. reader.Read()];
    }

    /// <summary>Waits for the first and the second message.</summary>
    private sealed class Told : ILogger
    {
        public TaskCompletionSource First { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Second { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (!First.TrySetResult())
                Second.TrySetResult();
        }
    }
}
