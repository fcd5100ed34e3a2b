using Mandos.Server.ClientFiles;
using static Mandos.Server.Tests.ClientFiles.WrittenClients;

namespace Mandos.Server.Tests.ClientFiles;

/// <summary>Which files are read, in which order, and what is known without those that are missing or unreadable.</summary>
public sealed class ClientsFolderTests : IDisposable
{
    private readonly WrittenClients _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public void Other_files_follow_clients_conf_in_byte_order_of_their_names()
    {
        _files.Write("clients.conf", Client("main", '0'));
        _files.Write("clients.d/b.conf", Client("b", '1'));
        _files.Write("clients.d/B.conf", Client("B", '2'));
        _files.Write("clients.d/10.conf", Client("ten", '3'));
        _files.Write("clients.d/9.conf", Client("nine", '4'));
        _files.Write("clients.d/\ud83d\ude00.conf", Client("last", '5'));
        _files.Write("clients.d/\uffee.conf", Client("before last", '6'));

        using var reading = _files.Read();

        Assert.Equal(["main", "ten", "nine", "B", "b", "before last", "last"], reading.Definitions.Select(c => c.Name));
        Assert.Equal(("", ClientsSource.Whole), (_files.Problems, reading.Source));
    }

    [Fact]
    public async Task A_folder_that_is_replaced_while_it_is_read_loses_no_client()
    {
        const int count = 100;
        _files.Write("clients.conf", "# no client\n");
        for (var i = 0; i < count; i++)
            _files.Write($"clients.d/{i}.conf", $"[machine{i}]\nkey_id = {i + 1:x64}\nsecret = wQED0gEB\n");
        using var stop = new CancellationTokenSource();
        var folder = Path.Combine(_files.Folder, "clients.d");
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
            using var reading = _files.Read(hadFolder: true);
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
        _files.Write("clients.conf", "");
        _files.Write("clients.d/" + name, "no configuration");

        using var reading = _files.Read();

        Assert.Equal(("", ClientsSource.Whole), (_files.Problems, reading.Source));
    }

    [Fact]
    public void A_file_without_the_conf_suffix_is_skipped_and_reported()
    {
        _files.Write("clients.conf", "");
        _files.Write("clients.d/notes", "no configuration");

        using var reading = _files.Read();

        Assert.Equal(
            ("clients.d/notes: is not read, because its name does not end in .conf", ClientsSource.Whole),
            (_files.Problems, reading.Source));
    }

    [Fact]
    public void Without_clients_conf_the_folder_is_enough()
    {
        _files.Write("clients.d/x.conf", Client("a", '1'));

        using var reading = _files.Read();

        Assert.Equal((ClientsSource.Whole, "a"), (reading.Source, Assert.Single(reading.Definitions).Name));
    }

    [Fact]
    public void Missing_files_are_distinguished_from_an_empty_file()
    {
        Assert.Equal(ClientsSource.Missing, _files.Read().Source);
        Directory.CreateDirectory(Path.Combine(_files.Folder, "clients.d"));
        Assert.Equal(ClientsSource.Missing, _files.Read().Source);
        _files.Write("clients.conf", "");
        Assert.Equal(ClientsSource.Whole, _files.Read().Source);
    }

    /// <summary>As an editor leaves it on a full disk: its clients must not be dropped, and be new ones later.</summary>
    [Fact]
    public void An_empty_file_in_the_folder_is_reported_and_its_clients_are_unknown()
    {
        _files.Write("clients.conf", Client("main", '0'));
        _files.Write("clients.d/a.conf", "");

        using var reading = _files.Read();

        Assert.Equal(
            ("clients.d/a.conf: is empty; hint: restore it, or delete it or put a comment into it to remove its clients",
                ClientsSource.Unreadable),
            (_files.Problems, reading.Source));
    }

    [Fact]
    public void A_file_in_the_folder_with_only_a_comment_has_no_clients()
    {
        _files.Write("clients.conf", Client("main", '0'));
        _files.Write("clients.d/a.conf", "# moved\n");

        using var reading = _files.Read();

        Assert.Equal(("", ClientsSource.Whole), (_files.Problems, reading.Source));
    }

    [Fact]
    public void A_folder_that_disappears_is_reported_and_its_clients_are_unknown()
    {
        _files.Write("clients.conf", Client("main", '0'));
        _files.Write("clients.d/a.conf", Client("a", '1'));
        var path = Path.Combine(_files.Folder, "clients.conf");
        using var before = ClientsFile.Read(path, home: null, _files.Found, TimeProvider.System);
        Assert.True(before.HasInFolder);
        Directory.Delete(Path.Combine(_files.Folder, "clients.d"), recursive: true);

        using var reading = ClientsFile.Read(path, home: null, _files.Found, TimeProvider.System, before.Files, hadFolder: true);

        Assert.Equal(
            ("clients.d: does not exist any more; hint: restore it, or create an empty one to remove its clients", ClientsSource.Unreadable),
            (_files.Problems, reading.Source));
    }

    [Fact]
    public void An_empty_main_file_counts_as_missing_but_one_with_a_comment_does_not()
    {
        Assert.False(_files.Read().HasMain);
        _files.Write("clients.conf", "");
        Assert.False(_files.Read().HasMain);
        _files.Write("clients.conf", "#\n");
        Assert.True(_files.Read().HasMain);
        File.Delete(Path.Combine(_files.Folder, "clients.conf"));
        File.CreateSymbolicLink(Path.Combine(_files.Folder, "clients.conf"), "/dev/null");
        Assert.True(_files.Read().HasMain);
    }

    [Fact]
    public void A_clients_file_that_cannot_be_read_is_reported()
    {
        _files.Write("clients.conf", Client("a", '1'));
        Directory.CreateDirectory(Path.Combine(_files.Folder, "clients.d"));
        File.CreateSymbolicLink(Path.Combine(_files.Folder, "clients.d", "x.conf"), "x.conf");

        using var reading = _files.Read();

        Assert.Equal(ClientsSource.Unreadable, reading.Source);
        Assert.Equal(["a"], reading.Definitions.Select(c => c.Name));
        Assert.StartsWith("clients.d/x.conf: cannot be read: ", _files.Problems, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("clients.conf")]
    [InlineData("clients.d/x.conf")]
    [InlineData("clients.d")]
    public void Files_behind_a_dangling_link_count_as_unreadable(string link)
    {
        Directory.CreateDirectory(Path.Combine(_files.Folder, "clients.d"));
        _files.Write("clients.conf", Client("a", '1'));
        Directory.Delete(Path.Combine(_files.Folder, "clients.d"));
        if (link.Contains('/', StringComparison.Ordinal))
            Directory.CreateDirectory(Path.Combine(_files.Folder, "clients.d"));
        File.Delete(Path.Combine(_files.Folder, link));
        File.CreateSymbolicLink(Path.Combine(_files.Folder, link), "/nonexistent/x");

        using var reading = _files.Read();

        Assert.Equal(ClientsSource.Unreadable, reading.Source);
        Assert.StartsWith(
            $"{link}: cannot be read: {(link == "clients.d" ? "not a directory, or a link" : "a link")} to ", _files.Problems,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_clients_folder_that_is_not_a_directory_is_reported()
    {
        _files.Write("clients.conf", Client("a", '1'));
        File.WriteAllText(Path.Combine(_files.Folder, "clients.d"), "");

        using var reading = _files.Read();

        Assert.Equal(
            (ClientsSource.Unreadable, "clients.d: cannot be read: not a directory, or a link to one that does not exist"),
            (reading.Source, _files.Problems));
    }

    [Fact]
    public async Task A_FIFO_in_the_clients_folder_is_not_waited_for()
    {
        _files.Write("clients.conf", Client("a", '1'));
        Directory.CreateDirectory(Path.Combine(_files.Folder, "clients.d"));
        using var make = System.Diagnostics.Process.Start("mkfifo", [Path.Combine(_files.Folder, "clients.d", "x.conf")]);
        await make.WaitForExitAsync(TestContext.Current.CancellationToken);

        using var reading = _files.Read();

        Assert.Equal(ClientsSource.Whole, reading.Source);
    }
}
