using Mandos.Configuration;
using Mandos.Server.ClientFiles;

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

    private ClientsReading Read(bool hadFolder = false)
    {
        _problems.Clear();
        return ClientsFile.Read(Path.Combine(_folder, "clients.conf"), home: null, _problems, hadFolder: hadFolder);
    }

    private string Problems => string.Join('\n', _problems).Replace(_folder + "/", "", StringComparison.Ordinal);

    [Fact]
    public void Other_files_follow_clients_conf_in_byte_order_of_their_names()
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

    [Fact]
    public async Task A_folder_that_is_replaced_while_it_is_read_loses_no_client()
    {
        const int count = 100;
        Write("clients.conf", "# no client\n");
        for (var i = 0; i < count; i++)
            Write($"clients.d/{i}.conf", $"[machine{i}]\nkey_id = {i + 1:x64}\nsecret = wQED0gEB\n");
        using var stop = new CancellationTokenSource();
        var folder = Path.Combine(_folder, "clients.d");
        var moving = Task.Run(
            () =>
            {
                while (!stop.IsCancellationRequested)
                {
                    Directory.Move(folder, folder + ".new");
                    Directory.Move(folder + ".new", folder);
                }
            }, TestContext.Current.CancellationToken);

        for (var i = 0; i < 100; i++)
        {
            using var reading = Read(hadFolder: true);
            Assert.True(reading.Source == ClientsSource.Unreadable || reading.Definitions.Count == count, $"{reading.Definitions.Count}");
        }

        await stop.CancelAsync();
        await moving;
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
    public void A_file_without_the_conf_suffix_is_skipped_and_reported()
    {
        Write("clients.conf", "");
        Write("clients.d/notes", "no configuration");

        using var reading = Read();

        Assert.Equal(
            ("clients.d/notes: is not read, because its name does not end in .conf", ClientsSource.Whole), (Problems, reading.Source));
    }

    [Fact]
    public void Defaults_in_the_main_file_apply_to_all_files_and_those_in_another_file_only_to_that_file()
    {
        Write("clients.conf", "[DEFAULT]\ntimeout = PT1M\ninterval = PT1S\nsite = cellar\n" + Client("main", '0'));
        Write("clients.d/a.conf", "[DEFAULT]\ntimeout = PT2M\n" + Client("a", '1', "host = %(site)s"));
        Write("clients.d/b.conf", Client("b", '2'));

        using var reading = Read();

        Assert.Equal(["main PT1M PT1S ", "a PT2M PT1S cellar", "b PT1M PT1S "], reading.Definitions.Select(c =>
            $"{c.Name} {c.Settings.Timeout.ToRfc3339()} {c.Settings.Interval.ToRfc3339()} {c.Settings.Host}"));
    }

    [Fact]
    public void An_error_in_the_defaults_of_the_main_file_is_reported_with_its_own_line()
    {
        Write("clients.conf", "[DEFAULT]\ntimeout = soon\n");
        Write("clients.d/a.conf", Client("a", '1'));

        using var reading = Read();

        Assert.Equal("clients.conf:2: [a] timeout: 'soon' is not a duration\nclients.d/a.conf:1: client [a] is left out", Problems);
    }

    [Fact]
    public void The_later_of_two_clients_with_the_same_name_or_key_is_left_out_and_both_places_are_reported()
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
    public void A_duplicate_name_belongs_to_the_first_section_even_if_that_is_invalid()
    {
        Write("clients.conf", "[a]\nkey_id = 12\n");
        Write("clients.d/x.conf", Client("a", '2'));

        using var reading = Read();

        Assert.Empty(reading.Definitions);
        Assert.Equal(["a"], reading.LeftOut);
    }

    [Fact]
    public void A_file_that_cannot_be_parsed_is_reported_with_its_line()
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
    public void Missing_files_are_distinguished_from_an_empty_file()
    {
        Assert.Equal(ClientsSource.Missing, Read().Source);
        Directory.CreateDirectory(Path.Combine(_folder, "clients.d"));
        Assert.Equal(ClientsSource.Missing, Read().Source);
        Write("clients.conf", "");
        Assert.Equal(ClientsSource.Whole, Read().Source);
    }

    /// <summary>As an editor leaves it on a full disk: its clients must not be dropped, and be new ones later.</summary>
    [Fact]
    public void An_empty_file_in_the_folder_is_reported_and_its_clients_are_unknown()
    {
        Write("clients.conf", Client("main", '0'));
        Write("clients.d/a.conf", "");

        using var reading = Read();

        Assert.Equal(
            ("clients.d/a.conf: is empty; hint: restore it, or delete it or put a comment into it to remove its clients",
                ClientsSource.Unreadable),
            (Problems, reading.Source));
    }

    [Fact]
    public void A_file_in_the_folder_with_only_a_comment_has_no_clients()
    {
        Write("clients.conf", Client("main", '0'));
        Write("clients.d/a.conf", "# moved\n");

        using var reading = Read();

        Assert.Equal(("", ClientsSource.Whole), (Problems, reading.Source));
    }

    [Fact]
    public void A_folder_that_disappears_is_reported_and_its_clients_are_unknown()
    {
        Write("clients.conf", Client("main", '0'));
        Write("clients.d/a.conf", Client("a", '1'));
        var path = Path.Combine(_folder, "clients.conf");
        using var before = ClientsFile.Read(path, home: null, _problems, TimeProvider.System);
        Assert.True(before.HasInFolder);
        Directory.Delete(Path.Combine(_folder, "clients.d"), recursive: true);

        using var reading = ClientsFile.Read(path, home: null, _problems, TimeProvider.System, before.Files, hadFolder: true);

        Assert.Equal(
            ("clients.d: does not exist any more; hint: restore it, or create an empty one to remove its clients", ClientsSource.Unreadable),
            (Problems, reading.Source));
    }

    [Fact]
    public void An_empty_main_file_counts_as_missing_but_one_with_a_comment_does_not()
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
    public void A_clients_file_that_cannot_be_read_is_reported()
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
    public void Files_behind_a_dangling_link_count_as_unreadable(string link)
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
    public void A_clients_folder_that_is_not_a_directory_is_reported()
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
    public async Task An_unreadable_secret_file_is_reported_with_the_reason(string name, string reason)
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
    public async Task A_FIFO_in_the_clients_folder_is_not_waited_for()
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
    public void A_probably_misspelled_option_is_reported(string text, string problem)
    {
        Write("clients.conf", text);

        using var reading = Read();

        Assert.Equal(problem, Problems.Split('\n')[0]);
        Assert.True(_problems.Count == 0 || _problems[0].IsWarning);
    }

    [Fact]
    public void Secrets_of_a_discarded_reading_are_wiped()
    {
        Write("clients.conf", Client("a", '1'));
        var reading = Read();
        var secret = reading.Definitions[0].Secret;

        reading.Dispose();

        Assert.Throws<ObjectDisposedException>(() => secret.Memory.Length);
    }

    [Fact]
    public void Secrets_that_were_taken_over_are_not_wiped()
    {
        Write("clients.conf", Client("a", '1'));
        var reading = Read();
        var taken = reading.Release();

        reading.Dispose();

        Assert.Equal(6, taken[0].Secret.Length);
        taken[0].Secret.Dispose();
    }
}
