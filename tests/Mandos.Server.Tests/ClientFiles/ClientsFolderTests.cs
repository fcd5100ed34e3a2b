using Mandos.Server.ClientFiles;
using Mandos.Server.Configuration;

namespace Mandos.Server.Tests.ClientFiles;

/// <summary>clients.conf and the files beside it.</summary>
public sealed class ClientsFolderTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("mandos").FullName;
    private readonly List<ConfigurationProblem> _problems = [];

    public void Dispose()
    {
        File.SetUnixFileMode(_folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        Directory.Delete(_folder, recursive: true);
    }

    private void Write(string name, string text)
    {
        var path = Path.Combine(_folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }

    private static string Client(string name, char key, string more = "") =>
        $"[{name}]\nkey_id = {new string(key, 64)}\nsecret = wQED0gEB\n{more}\n";

    private ClientsReading Read()
    {
        _problems.Clear();
        return ClientsFile.Read(Path.Combine(_folder, "clients.conf"), home: null, _problems);
    }

    private string Problems => string.Join('\n', _problems).Replace(_folder + "/", "", StringComparison.Ordinal);

    [Fact]
    public void The_files_come_after_clients_conf_by_their_names_as_bytes()
    {
        Write("clients.conf", Client("main", '0'));
        Write("clients.d/b.conf", Client("b", '1'));
        Write("clients.d/B.conf", Client("B", '2'));
        Write("clients.d/10.conf", Client("ten", '3'));
        Write("clients.d/9.conf", Client("nine", '4'));
        Write("clients.d/\ud83d\ude00.conf", Client("last", '5'));
        Write("clients.d/\uffee.conf", Client("before last", '6'));

        using var reading = Read();

        Assert.Equal(["main", "ten", "nine", "B", "b", "before last", "last"], reading.Definitions.Select(c => c.Name));
        Assert.Equal(("", ClientsSource.Whole), (Problems, reading.Source));
    }

    [Theory]
    [InlineData(".a.conf")]
    [InlineData("a.conf~")]
    [InlineData("a.conf.dpkg-old")]
    [InlineData("a.conf/nested.conf")]
    public void Other_files_are_not_read(string name)
    {
        Write("clients.conf", "");
        Write("clients.d/" + name, "no configuration");

        using var reading = Read();

        Assert.Equal(("", ClientsSource.Whole), (Problems, reading.Source));
    }

    [Fact]
    public void A_file_without_an_ending_is_not_read_either_and_that_is_told()
    {
        Write("clients.conf", "");
        Write("clients.d/notes", "no configuration");

        using var reading = Read();

        Assert.Equal(
            ("clients.d/notes: is not read, because its name does not end in .conf", ClientsSource.Whole), (Problems, reading.Source));
    }

    [Fact]
    public void Defaults_of_the_main_file_hold_for_all_and_those_of_another_file_for_that_file()
    {
        Write("clients.conf", "[DEFAULT]\ntimeout = PT1M\ninterval = PT1S\nsite = cellar\n" + Client("main", '0'));
        Write("clients.d/a.conf", "[DEFAULT]\ntimeout = PT2M\n" + Client("a", '1', "host = %(site)s"));
        Write("clients.d/b.conf", Client("b", '2'));

        using var reading = Read();

        Assert.Equal(["main PT1M PT1S ", "a PT2M PT1S cellar", "b PT1M PT1S "], reading.Definitions.Select(c =>
            $"{c.Name} {c.Settings.Timeout.ToRfc3339()} {c.Settings.Interval.ToRfc3339()} {c.Settings.Host}"));
    }

    [Fact]
    public void What_is_wrong_in_the_defaults_of_the_main_file_is_told_where_it_stands()
    {
        Write("clients.conf", "[DEFAULT]\ntimeout = soon\n");
        Write("clients.d/a.conf", Client("a", '1'));

        using var reading = Read();

        Assert.Equal("clients.conf:2: [a] timeout: 'soon' is not a duration\nclients.d/a.conf:1: client [a] is left out", Problems);
    }

    [Fact]
    public void Of_two_clients_with_one_name_or_key_the_later_is_left_out_and_both_places_are_told()
    {
        Write("clients.conf", "# first\n" + Client("a", '1'));
        Write("clients.d/x.conf", Client("a", '2') + Client("b", '1'));

        using var reading = Read();

        Assert.Equal(["a"], reading.Definitions.Select(c => c.Name));
        Assert.Equal(["b"], reading.LeftOut);
        Assert.Equal($"""
            clients.d/x.conf:1: client [a] is left out: {_folder}/clients.conf:2 has a section with this name
            clients.d/x.conf:6: [b] key_id: also that of client [a] ({_folder}/clients.conf:2)
            clients.d/x.conf:5: client [b] is left out
            """.Replace(_folder + "/", "", StringComparison.Ordinal), Problems);
    }

    [Fact]
    public void A_name_that_is_there_twice_stays_the_first_ones_even_if_that_is_wrong()
    {
        Write("clients.conf", "[a]\nkey_id = 12\n");
        Write("clients.d/x.conf", Client("a", '2'));

        using var reading = Read();

        Assert.Empty(reading.Definitions);
        Assert.Equal(["a"], reading.LeftOut);
    }

    [Fact]
    public void One_file_that_cannot_be_parsed_is_told_with_its_line()
    {
        Write("clients.conf", Client("a", '1'));
        Write("clients.d/x.conf", "[b]\nword\n");

        using var reading = Read();

        Assert.Equal(ClientsSource.Malformed, reading.Source);
        Assert.Equal("clients.d/x.conf:2: the line is not a [section], a 'key = value' or a continuation of the line above", Problems);
    }

    [Fact]
    public void Without_clients_conf_the_folder_is_enough()
    {
        Write("clients.d/x.conf", Client("a", '1'));

        using var reading = Read();

        Assert.Equal((ClientsSource.Whole, "a"), (reading.Source, Assert.Single(reading.Definitions).Name));
    }

    [Fact]
    public void Nothing_at_all_is_told_from_something_empty()
    {
        Assert.Equal(ClientsSource.Missing, Read().Source);
        Directory.CreateDirectory(Path.Combine(_folder, "clients.d"));
        Assert.Equal(ClientsSource.Missing, Read().Source);
        Write("clients.conf", "");
        Assert.Equal(ClientsSource.Whole, Read().Source);
    }

    [Fact]
    public void A_main_file_without_a_byte_is_as_good_as_none_but_not_one_with_a_comment()
    {
        Assert.False(Read().HasMain);
        Write("clients.conf", "");
        Assert.False(Read().HasMain);
        Write("clients.conf", "#\n");
        Assert.True(Read().HasMain);
        File.Delete(Path.Combine(_folder, "clients.conf"));
        File.CreateSymbolicLink(Path.Combine(_folder, "clients.conf"), "/dev/null");
        Assert.True(Read().HasMain);
    }

    [Fact]
    public void A_file_that_cannot_be_read_is_told()
    {
        Write("clients.conf", Client("a", '1'));
        Directory.CreateDirectory(Path.Combine(_folder, "clients.d"));
        File.CreateSymbolicLink(Path.Combine(_folder, "clients.d", "x.conf"), "x.conf");

        using var reading = Read();

        Assert.Equal(ClientsSource.Unreadable, reading.Source);
        Assert.Equal(["a"], reading.Definitions.Select(c => c.Name));
        Assert.StartsWith("clients.d/x.conf: cannot be read: ", Problems, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("clients.conf")]
    [InlineData("clients.d/x.conf")]
    [InlineData("clients.d")]
    public void What_a_link_leads_to_that_is_away_is_not_known(string link)
    {
        Directory.CreateDirectory(Path.Combine(_folder, "clients.d"));
        Write("clients.conf", Client("a", '1'));
        Directory.Delete(Path.Combine(_folder, "clients.d"));
        if (link.Contains('/', StringComparison.Ordinal))
            Directory.CreateDirectory(Path.Combine(_folder, "clients.d"));
        File.Delete(Path.Combine(_folder, link));
        File.CreateSymbolicLink(Path.Combine(_folder, link), "/nonexistent/x");

        using var reading = Read();

        Assert.Equal(ClientsSource.Unreadable, reading.Source);
        Assert.StartsWith(
            $"{link}: cannot be read: {(link == "clients.d" ? "not a directory, or a link" : "a link")} to ", Problems,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_that_is_none_is_told()
    {
        Write("clients.conf", Client("a", '1'));
        File.WriteAllText(Path.Combine(_folder, "clients.d"), "");

        using var reading = Read();

        Assert.Equal(
            (ClientsSource.Unreadable, "clients.d: cannot be read: not a directory, or a link to one that does not exist"),
            (reading.Source, Problems));
    }

    [Theory]
    [InlineData("pipe", "permission denied, or not a file")]
    [InlineData("large", "file too large")]
    [InlineData("loop", "too many levels of symbolic links")]
    public async Task A_secret_file_that_is_none_is_told_with_the_reason(string name, string reason)
    {
        Write("clients.conf", $"[a]\nkey_id = {new string('1', 64)}\nsecfile = {_folder}/{name}\n");
        using var make = System.Diagnostics.Process.Start("mkfifo", [Path.Combine(_folder, "pipe")]);
        await make.WaitForExitAsync(TestContext.Current.CancellationToken);
        using (var large = File.Create(Path.Combine(_folder, "large")))
            large.SetLength(100 << 20);
        File.CreateSymbolicLink(Path.Combine(_folder, "loop"), "loop");

        using var reading = Read();

        Assert.Equal(["a"], reading.LeftOut);
        Assert.StartsWith($"clients.conf:3: [a] secfile: '{name}' cannot be read: {reason}\n", Problems, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pipe_is_not_waited_for()
    {
        Write("clients.conf", Client("a", '1'));
        Directory.CreateDirectory(Path.Combine(_folder, "clients.d"));
        using var make = System.Diagnostics.Process.Start("mkfifo", [Path.Combine(_folder, "clients.d", "x.conf")]);
        await make.WaitForExitAsync(TestContext.Current.CancellationToken);

        using var reading = Read();

        Assert.Equal(ClientsSource.Whole, reading.Source);
    }

    [Theory]
    [InlineData("[a]\nkeyid = 1\n", "clients.conf:2: [a] unknown option 'keyid'; did you mean 'key_id'?")]
    [InlineData("[DEFAULT]\ntimout = PT1M\n", "clients.conf:2: unknown option 'timout'; did you mean 'timeout'?")]
    [InlineData("[DEFAULT]\ntimout = PT1M\ntimeout = %(timout)s\n", "")]
    [InlineData("[DEFAULT]\nssh_fingerprint = x\ncolour = red\n", "")]
    public void A_name_that_is_hardly_what_was_meant_is_told(string text, string problem)
    {
        Write("clients.conf", text);

        using var reading = Read();

        Assert.Equal(problem, Problems.Split('\n')[0]);
        Assert.True(_problems.Count == 0 || _problems[0].IsWarning);
    }

    [Fact]
    public void Secrets_of_a_reading_that_is_not_used_are_wiped()
    {
        Write("clients.conf", Client("a", '1'));
        var reading = Read();
        var secret = reading.Definitions[0].Secret;

        reading.Dispose();

        Assert.Throws<ObjectDisposedException>(() => secret.Memory.Length);
    }

    [Fact]
    public void Secrets_that_were_taken_over_stay()
    {
        Write("clients.conf", Client("a", '1'));
        var reading = Read();
        var taken = reading.Release();

        reading.Dispose();

        Assert.Equal(6, taken[0].Secret.Length);
        taken[0].Secret.Dispose();
    }
}
