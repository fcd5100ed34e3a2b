using Mandos.Server.ClientFiles;
using Mandos.Server.Configuration;
using Mandos.Server.Logging;
using Microsoft.Extensions.Logging;

namespace Mandos.Server.Tests.ClientFiles;

/// <summary>What a server that runs learns when it reads its files anew.</summary>
public sealed class ClientsReloadTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("mandos").FullName;
    private readonly StringWriter _log = new();

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private void Write(string name, string text) =>
        File.WriteAllText(Path.Combine(_folder, name), text.Replace("KEY", ClientFile.Key, StringComparison.Ordinal));

    private (ClientsReading? Reading, string Log) Read(bool hadMain = true, params string[] awaited) =>
        Read(hadMain, new AwaitedClients(awaited.ToHashSet(), InMain: true, InFolder: false));

    private (ClientsReading? Reading, string Log) Read(bool hadMain, AwaitedClients awaited)
    {
        using var channel = new LogChannel("/nonexistent/log", _log, journal: null);
        using var loggers = LogChannelProvider.CreateFactory(channel, LogLevel.Warning);
        using var reload = new ClientsReload(
            Path.Combine(_folder, "clients.conf"), hadMain, home: null, loggers.CreateLogger(LogCategory.Life), TimeProvider.System)
        {
            Awaited = awaited,
        };
        var reading = reload.Read();
        channel.Flush();
        return (reading, _log.ToString().Replace(_folder + "/", "", StringComparison.Ordinal));
    }

    [Fact]
    public void New_clients_are_loaded_at_a_reload()
    {
        Write("clients.conf", "[a]\nkey_id = KEY\nsecret = wQED0gEB\n");

        var (reading, log) = Read();

        using (reading)
            Assert.Equal(["a"], reading!.Definitions.Select(c => c.Name));
        Assert.Equal("", log);
    }

    [Fact]
    public void A_client_whose_secret_file_cannot_be_read_is_left_unchanged()
    {
        Write("clients.conf", "[a]\nkey_id = KEY\nsecfile = /nonexistent\n");

        var (reading, log) = Read();

        using (reading)
            Assert.Equal((0, "a"), (reading!.Definitions.Count, Assert.Single(reading.LeftOut)));
        Assert.Contains(
            "mandos: error: clients.conf:3: [a] secfile: '/nonexistent' cannot be read: no such file\n", log, StringComparison.Ordinal);
    }

    [Fact]
    public void A_warning_that_thousands_of_clients_cause_does_not_flood_the_log()
    {
        const int clients = 2000;
        Write(
            "clients.conf",
            "[DEFAULT]\nchecker = true\n"
                + string.Concat(Enumerable.Range(1, clients).Select(i => $"[c{i}]\nkey_id = {i:x64}\nsecret = wQED0gEB\n")));

        var (reading, log) = Read();

        using (reading)
            Assert.Equal(clients, reading!.Definitions.Count);
        Assert.Equal(ProblemLog.Most, log.Split('\n').Count(l => l.Contains("has a checker that cannot fail", StringComparison.Ordinal)));
        Assert.EndsWith(
            $"mandos: warning: {clients - ProblemLog.Most} more problems in the configuration are not logged; hint: 'mandos "
                + "--check-config' prints all of them\n",
            log, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("word\n", "a file cannot be parsed")]
    [InlineData("", "it is empty; hint: restore it, or put a comment into it to remove its clients")]
    [InlineData(null, "it does not exist")]
    public void An_unreadable_configuration_changes_nothing(string? text, string reason)
    {
        if (text is not null)
            Write("clients.conf", text);

        var (reading, log) = Read();

        Assert.Null(reading);
        Assert.EndsWith($"mandos: error: reload failed, nothing changed: clients.conf: {reason}\n", log, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_main_file_that_disappears_while_others_exist_changes_nothing(bool hadMain)
    {
        Directory.CreateDirectory(Path.Combine(_folder, "clients.d"));
        Write("clients.d/x.conf", "[a]\nkey_id = KEY\nsecret = wQED0gEB\n");

        var (reading, log) = Read(hadMain);

        using (reading)
            Assert.Equal(!hadMain, reading is not null);
        Assert.Equal(hadMain ? "mandos: error: reload failed, nothing changed: clients.conf: it does not exist\n" : "", log);
    }

    [Fact]
    public void A_main_file_with_only_a_comment_has_no_clients()
    {
        Write("clients.conf", "# none\n");

        var (reading, log) = Read(hadMain: true, "a");

        using (reading)
            Assert.Empty(reading!.Order);
        Assert.Equal("", log);
    }

    /// <summary>As it was not there at the start, which kept these clients.</summary>
    [Theory]
    [InlineData(null, "b", "it does not exist")]
    [InlineData("", "b", "it is empty; hint: restore it, or put a comment into it to remove its clients")]
    [InlineData(null, "a", null)]
    [InlineData(null, "bad", null)]
    [InlineData("# none\n", "b", null)]
    public void Clients_kept_at_startup_are_not_dropped_while_the_main_file_is_missing(string? text, string awaited, string? reason)
    {
        Directory.CreateDirectory(Path.Combine(_folder, "clients.d"));
        Write("clients.d/x.conf", "[a]\nkey_id = KEY\nsecret = wQED0gEB\n[bad]\n");
        if (text is not null)
            Write("clients.conf", text);

        var (reading, log) = Read(hadMain: false, awaited);

        using (reading)
            Assert.Equal(reason is null, reading is not null);
        if (reason is not null)
            Assert.EndsWith($"mandos: error: reload failed, nothing changed: clients.conf: {reason}\n", log, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false, "b", "clients.d: it does not exist; hint: restore it, or create an empty one to remove its clients")]
    [InlineData(false, "a", null)]
    [InlineData(true, "b", null)]
    public void Clients_kept_at_startup_are_not_dropped_while_clients_d_is_missing(bool hasFolder, string awaited, string? reason)
    {
        Write("clients.conf", "[a]\nkey_id = KEY\nsecret = wQED0gEB\n");
        if (hasFolder)
            Directory.CreateDirectory(Path.Combine(_folder, "clients.d"));

        var (reading, log) = Read(hadMain: true, new AwaitedClients(new HashSet<string> { awaited }, InMain: false, InFolder: true));

        using (reading)
            Assert.Equal(reason is null, reading is not null);
        Assert.Equal(reason is null ? "" : $"mandos: error: reload failed, nothing changed: {reason}\n", log);
    }

    [Fact]
    public void A_file_that_cannot_be_read_changes_nothing()
    {
        File.CreateSymbolicLink(Path.Combine(_folder, "clients.conf"), "clients.conf");

        var (reading, log) = Read();

        Assert.Null(reading);
        Assert.EndsWith("nothing changed: clients.conf: a file cannot be read\n", log, StringComparison.Ordinal);
    }
}
