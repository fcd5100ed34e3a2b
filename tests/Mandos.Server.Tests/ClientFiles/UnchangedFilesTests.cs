using Mandos.Server.ClientFiles;
using Mandos.Server.Logging;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Mandos.Server.Tests.ClientFiles;

/// <summary>A reload reads what changed since the last one, and all that changed.</summary>
public sealed class UnchangedFilesTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("mandos").FullName;
    private readonly StringWriter _log = new();
    private readonly LogChannel _channel;
    private readonly ILoggerFactory _loggers;
    private readonly ClientsReload _reload;

    /// <summary>So late that no file changed just now.</summary>
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow.AddMinutes(1));

    public UnchangedFilesTests()
    {
        _channel = new LogChannel("/nonexistent/log", _log, journal: null);
        _loggers = LogChannelProvider.CreateFactory(_channel, LogLevel.Warning);
        _reload = new ClientsReload(Place("clients.conf"), hadMain: true, home: null, _loggers.CreateLogger(LogCategory.Life), _time);
        Directory.CreateDirectory(Place("clients.d"));
        Write("clients.conf", "[DEFAULT]\ntimeout = PT5M\n" + Section("main", 'a'));
        Write("clients.d/one.conf", Section("one", 'b'));
        Write("clients.d/two.conf", $"[two]\nkey_id = {new string('c', 64)}\nsecfile = {Place("secret")}\ntimeuot = PT1M\n");
        Write("secret", "first");
    }

    public void Dispose()
    {
        _reload.Dispose();
        _loggers.Dispose();
        _channel.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private string Place(string name) => Path.Combine(_folder, name);

    private void Write(string name, string text)
    {
        File.WriteAllText(Place(name), text);
        File.SetUnixFileMode(Place(name), UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    private static string Section(string name, char key) => $"[{name}]\nkey_id = {new string(key, 64)}\nsecret = wQED0gEB\n";

    /// <summary>Reads, and follows it: the names of the clients that were read, and all of them.</summary>
    private (string Read, string All) Follow()
    {
        using var reading = _reload.Read();
        Assert.NotNull(reading);
        _reload.Remember(reading);
        return (string.Join(' ', reading.Definitions.Select(c => c.Name)), string.Join(' ', reading.Order));
    }

    private string Log()
    {
        _channel.Flush();
        return _log.ToString();
    }

    [Fact]
    public void What_did_not_change_is_not_read_again()
    {
        Assert.Equal(("main one two", "main one two"), Follow());
        Assert.Equal(("", "main one two"), Follow());
        Assert.Equal(("", "main one two"), Follow());
        Assert.Single(Log().Split('\n'), line => line.Contains("timeuot", StringComparison.Ordinal));
    }

    [Fact]
    public void A_file_that_is_added_is_read_alone()
    {
        Follow();
        Write("clients.d/more.conf", Section("more", 'd'));
        Assert.Equal(("more", "main more one two"), Follow());
        Assert.Equal(("", "main more one two"), Follow());
    }

    [Fact]
    public void The_clients_of_a_file_that_is_gone_are_gone()
    {
        Follow();
        File.Delete(Place("clients.d/one.conf"));
        Assert.Equal(("", "main two"), Follow());
    }

    [Theory]
    [InlineData("clients.d/one.conf", "one")]
    [InlineData("clients.conf", "main")]
    [InlineData("secret", "two")]
    public void A_change_that_keeps_size_and_time_is_seen(string file, string client)
    {
        Follow();
        var time = File.GetLastWriteTimeUtc(Place(file));
        var text = File.ReadAllText(Place(file));
        Write(
            file,
            text.Replace(
                "secret = wQED0gEB", "secret = wQED0gEC", StringComparison.Ordinal).Replace("first", "other", StringComparison.Ordinal));
        File.SetLastWriteTimeUtc(Place(file), time);
        Assert.Equal((client, "main one two"), Follow());
    }

    [Fact]
    public void A_change_of_a_file_that_changed_just_now_is_seen_by_its_content()
    {
        Follow();
        var late = _time.GetUtcNow();
        Write("clients.d/one.conf", Section("one", 'd'));
        var written = File.GetLastWriteTimeUtc(Place("clients.d/one.conf"));
        _time.AdjustTime(written.AddSeconds(1));
        Assert.Equal(("one", "main one two"), Follow());
        Assert.Equal(("", "main one two"), Follow());
        Write("clients.d/one.conf", Section("one", 'e'));
        File.SetLastWriteTimeUtc(Place("clients.d/one.conf"), written);
        Assert.Equal(("one", "main one two"), Follow());
        _time.AdjustTime(late);
        Assert.Equal(("", "main one two"), Follow());
    }

    [Fact]
    public void Of_a_file_that_changed_the_sections_that_changed_are_read()
    {
        Write("clients.conf", "[DEFAULT]\ntimeout = PT5M\n" + Section("main", 'a') + Section("second", 'd') + Section("third", 'e'));
        Follow();
        Write(
            "clients.conf",
            "[DEFAULT]\ntimeout = PT5M\n# Moved down.\n"
                + Section("third", 'e')
                + Section("second", 'f')
                + Section("main", 'a')
                + Section("fourth", '1'));
        Assert.Equal(("second fourth", "third second main fourth one two"), Follow());
        Write("clients.conf", "[DEFAULT]\ntimeout = PT5M\n" + Section("main", 'a') + Section("fourth", '1'));
        Assert.Equal(("", "main fourth one two"), Follow());
    }

    [Fact]
    public void A_section_that_another_one_takes_the_key_from_is_refused_with_its_new_line()
    {
        Write("clients.conf", Section("main", 'a') + Section("second", 'd'));
        Follow();
        Write("clients.conf", "# Moved down.\n" + Section("main", 'a') + Section("thief", 'd') + Section("second", 'd'));
        using var reading = _reload.Read();
        Assert.Equal(["thief"], reading!.Definitions.Select(c => c.Name));
        Assert.Equal(["main", "thief", "one", "two"], reading.Order);
        Assert.Equal(["second"], reading.LeftOut);
        Assert.Contains("clients.conf:8: client [second] is left out", Log(), StringComparison.Ordinal);
        Assert.Contains("clients.conf:5)", Log(), StringComparison.Ordinal);
    }

    [Fact]
    public void Another_default_of_a_file_changes_all_its_sections_and_no_other_file()
    {
        Write("clients.d/one.conf", Section("one", 'b') + Section("other", 'd'));
        Follow();
        Write("clients.d/one.conf", "[DEFAULT]\ntimeout = PT6M\n" + Section("one", 'b') + Section("other", 'd'));
        Assert.Equal(("one other", "main one other two"), Follow());
    }

    [Fact]
    public void Another_secret_file_changes_the_section_that_names_it_and_no_other()
    {
        Write("clients.d/two.conf", File.ReadAllText(Place("clients.d/two.conf")) + Section("three", 'd'));
        Follow();
        Write("secret", "the second one");
        Assert.Equal(("two", "main one two three"), Follow());
    }

    [Fact]
    public void Another_default_changes_every_file()
    {
        Follow();
        Write("clients.conf", File.ReadAllText(Place("clients.conf")).Replace("PT5M", "PT6M", StringComparison.Ordinal));
        Assert.Equal(("main one two", "main one two"), Follow());
    }

    [Fact]
    public void The_defaults_of_a_main_file_that_did_not_change_hold_in_a_file_that_did()
    {
        Write("clients.conf", "[DEFAULT]\ntimeout = PT7M\n" + Section("main", 'a'));
        Follow();
        Write("clients.d/one.conf", Section("one", 'd'));
        using var reading = _reload.Read();
        Assert.Equal(TimeSpan.FromMinutes(7), Assert.Single(reading!.Definitions).Settings.Timeout.Value);
    }

    [Fact]
    public void A_file_that_another_one_takes_a_key_from_is_read_again()
    {
        Follow();
        Write("clients.d/more.conf", Section("more", 'b'));
        using var reading = _reload.Read();
        Assert.Equal(["more"], reading!.Definitions.Select(c => c.Name));
        Assert.Equal(["main", "more", "two"], reading.Order);
        Assert.Equal(["one"], reading.LeftOut);
    }

    [Fact]
    public void A_file_with_something_wrong_is_read_each_time()
    {
        Write("clients.d/one.conf", Section("one", 'b') + Section("wrong", 'b'));
        Assert.Equal(("main one two", "main one two"), Follow());
        Assert.Equal(("one", "main one two"), Follow());
        Assert.Equal(
            2,
            Log()
                .Split('\n')
                .Count(
                    line => line.Contains("[wrong]", StringComparison.Ordinal) && line.Contains("also that of", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_main_file_without_a_byte_stays_as_good_as_none()
    {
        Write("clients.conf", "");
        using var reload = new ClientsReload(
            Place("clients.conf"), hadMain: false, home: null, _loggers.CreateLogger(LogCategory.Life), _time);
        for (var i = 0; i < 2; i++)
        {
            using var reading = reload.Read();
            Assert.Equal((false, "one two"), (reading!.HasMain, string.Join(' ', reading.Order)));
            reload.Remember(reading);
        }
    }

    [Fact]
    public void What_was_not_followed_is_read_again()
    {
        _reload.Read()!.Dispose();
        using var reading = _reload.Read();
        Assert.Equal(3, reading!.Definitions.Count);
    }
}
