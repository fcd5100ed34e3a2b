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
    public void After_adding_a_file_only_that_file_is_read()
    {
        Follow();
        Write("clients.d/more.conf", Section("more", 'd'));
        Assert.Equal(("more", "main more one two"), Follow());
        Assert.Equal(("", "main more one two"), Follow());
    }

    [Fact]
    public void The_clients_of_a_deleted_file_are_removed()
    {
        Follow();
        File.Delete(Place("clients.d/one.conf"));
        Assert.Equal(("", "main two"), Follow());
    }

    [Theory]
    [InlineData("clients.d/one.conf", "one")]
    [InlineData("clients.conf", "main")]
    [InlineData("secret", "two")]
    public void A_change_that_keeps_size_and_time_is_detected(string file, string client)
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
    public void A_recently_changed_file_is_compared_by_content()
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
    public void In_a_changed_file_only_the_changed_sections_are_read()
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
    public void A_section_with_the_key_of_an_earlier_one_is_refused_with_its_new_line_number()
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
    public void A_changed_default_of_one_file_changes_all_its_sections_and_no_other_file()
    {
        Write("clients.d/one.conf", Section("one", 'b') + Section("other", 'd'));
        Follow();
        Write("clients.d/one.conf", "[DEFAULT]\ntimeout = PT6M\n" + Section("one", 'b') + Section("other", 'd'));
        Assert.Equal(("one other", "main one other two"), Follow());
    }

    [Fact]
    public void A_changed_secret_file_changes_only_the_section_that_uses_it()
    {
        Write("clients.d/two.conf", File.ReadAllText(Place("clients.d/two.conf")) + Section("three", 'd'));
        Follow();
        Write("secret", "the second one");
        Assert.Equal(("two", "main one two three"), Follow());
    }

    [Fact]
    public void A_changed_default_changes_every_file()
    {
        Follow();
        Write("clients.conf", File.ReadAllText(Place("clients.conf")).Replace("PT5M", "PT6M", StringComparison.Ordinal));
        Assert.Equal(("main one two", "main one two"), Follow());
    }

    [Fact]
    public void The_defaults_of_an_unchanged_main_file_apply_to_a_changed_file()
    {
        Write("clients.conf", "[DEFAULT]\ntimeout = PT7M\n" + Section("main", 'a'));
        Follow();
        Write("clients.d/one.conf", Section("one", 'd'));
        using var reading = _reload.Read();
        Assert.Equal(TimeSpan.FromMinutes(7), Assert.Single(reading!.Definitions).Settings.Timeout.Value);
    }

    [Fact]
    public void A_file_is_read_again_if_another_file_takes_one_of_its_keys()
    {
        Follow();
        Write("clients.d/more.conf", Section("more", 'b'));
        using var reading = _reload.Read();
        Assert.Equal(["more"], reading!.Definitions.Select(c => c.Name));
        Assert.Equal(["main", "more", "two"], reading.Order);
        Assert.Equal(["one"], reading.LeftOut);
    }

    [Fact]
    public void A_file_with_errors_is_read_at_each_reload()
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
    public void An_empty_main_file_still_counts_as_missing_at_the_next_reload()
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

    /// <summary>Its clients would be new ones once it is back, and disabled ones enabled.</summary>
    [Theory]
    [InlineData("an error in each file")]
    [InlineData("a reload that was not saved")]
    [InlineData("a folder that cannot be listed")]
    public void A_folder_that_disappears_changes_nothing_whatever_happened_before(string before)
    {
        if (before == "an error in each file")
        {
            Write("clients.d/one.conf", Section("one", 'b') + "[wrong]\n");
            File.Delete(Place("clients.d/two.conf"));
        }

        Follow();
        if (before == "a reload that was not saved")
        {
            _reload.Read()!.Dispose();
            _reload.Dispose();
        }
        else if (before == "a folder that cannot be listed")
        {
            Directory.Move(Place("clients.d"), Place("other"));
            Write("clients.d", "");
            Assert.Null(_reload.Read());
            _reload.Dispose();
            File.Delete(Place("clients.d"));
            Directory.CreateDirectory(Place("clients.d"));
        }

        Directory.Delete(Place("clients.d"), recursive: true);

        for (var i = 0; i < 2; i++)
        {
            using var reading = _reload.Read();
            Assert.Null(reading);
        }

        Assert.Contains("clients.d: does not exist any more; hint: restore it", Log(), StringComparison.Ordinal);
        Directory.CreateDirectory(Place("clients.d"));
        Assert.Equal("main", Follow().All);
        Directory.Delete(Place("clients.d"));
        Assert.Equal("main", Follow().All);
    }

    [Fact]
    public void A_reading_that_was_not_followed_is_read_again()
    {
        _reload.Read()!.Dispose();
        using var reading = _reload.Read();
        Assert.Equal(3, reading!.Definitions.Count);
    }
}
