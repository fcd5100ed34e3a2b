using Mandos.Server.ClientFiles;
using Mandos.Server.Clients;
using Mandos.Server.Startup;

namespace Mandos.Server.Tests.Startup;

/// <summary>What a start does about client files that are broken or missing.</summary>
public sealed class MissingClientFilesTests : StartTest
{
    [Theory]
    [InlineData("Malformed")]
    [InlineData("Unreadable")]
    public void With_a_broken_clients_conf_the_saved_clients_are_served(string source)
    {
        SaveOffAndOn();
        using (var restored = Start(new(Enum.Parse<ClientsSource>(source), true, [], new HashSet<string>())))
        {
            Assert.Equal([("off", false), ("on", true)], restored.Table.Select(c => (c.Name, c.Enabled)));
            Assert.True(restored.ServesSaved);
            Assert.Contains("2 clients that are not in the others are served as they were saved", Log.Text, StringComparison.Ordinal);
        }

        using var mended = Start(Both());
        Assert.Equal([("off", false), ("on", true)], mended.Table.Select(c => (c.Name, c.Enabled)));
        Assert.False(mended.ServesSaved);
    }

    [Theory]
    [InlineData("Missing")]
    [InlineData("Whole")]
    public void With_a_missing_or_empty_clients_conf_the_saved_clients_are_served(string source)
    {
        SaveOffAndOn();
        var without = new ClientsReading(Enum.Parse<ClientsSource>(source), false, [], new HashSet<string>());
        using (var restored = Start(without))
        {
            Assert.Equal([("off", false), ("on", true)], restored.Table.Select(c => (c.Name, c.Enabled)));
            Assert.Equal((true, "off on"), (restored.ServesSaved, string.Join(' ', restored.Awaited.Names.Order())));
            Assert.Contains(
                "Error: /etc/mandos/clients.conf is missing or empty: 2 clients that are in no other file are kept as they were saved; "
                    + "hint: restore it, or put a comment into it to remove its clients, then reload",
                Log.Lines);
        }

        using (var mended = Start(Both()))
        {
            Assert.Equal([("off", false), ("on", true)], mended.Table.Select(c => (c.Name, c.Enabled)));
            Assert.Equal((false, 0), (mended.ServesSaved, mended.Awaited.Names.Count));
        }

        using var emptied = Start(new(ClientsSource.Whole, true, [], new HashSet<string>()));
        Assert.Equal((0, false), (emptied.Table.Count, emptied.ServesSaved));
    }

    [Theory]
    [InlineData("off on", "", "")]
    [InlineData("on", "off", "")]
    [InlineData("on", "", "off")]
    public void With_other_files_present_only_the_clients_missing_from_them_are_kept(string defined, string leftOut, string awaited)
    {
        SaveOffAndOn();
        var faulty = leftOut.Split(' ').Where(n => n.Length > 0).ToHashSet();
        using var restored = Start(new(ClientsSource.Whole, false, [.. defined.Split(' ').Select(Define)], faulty));

        Assert.Equal(["off", "on"], restored.Table.Select(c => c.Name).Order());
        Assert.Equal((awaited, awaited.Length > 0), (string.Join(' ', restored.Awaited.Names), restored.ServesSaved));
        Assert.Equal(awaited.Length > 0, Log.Text.Contains("is missing or empty", StringComparison.Ordinal));
    }

    /// <summary>As on a file system that was not mounted: to remove its clients would enable them again once it is.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void With_a_missing_clients_d_the_saved_clients_are_served(bool hasMain)
    {
        SaveOffAndOn();
        using (var both = Start(Read(hasMain, hasFolder: true, "off", "on")))
            Assert.Equal([("off", false), ("on", true)], both.Table.Select(c => (c.Name, c.Enabled)));

        for (var start = 0; start < 2; start++)
        {
            using var without = Start(Read(hasMain, hasFolder: false, "on"));
            Assert.Equal([("off", false), ("on", true)], without.Table.Select(c => (c.Name, c.Enabled)).Order());
            Assert.Equal((true, "off"), (without.ServesSaved, string.Join(' ', without.Awaited.Names)));
        }

        Assert.Contains(
            "Error: /etc/mandos/clients.d is missing or empty: 1 client that is in no other file is kept as it was saved; "
                + "hint: restore it, or create an empty one to remove its clients, then reload",
            Log.Lines);

        using var emptied = Start(Read(hasMain, hasFolder: true, "on"));
        Assert.Equal((1, false), (emptied.Table.Count, emptied.ServesSaved));
    }

    [Fact]
    public void Without_a_clients_d_at_the_last_start_none_is_missed()
    {
        SaveOffAndOn();
        using (Start(Read(hasMain: true, hasFolder: false, "off", "on")))
        {
        }

        using var restored = Start(Read(hasMain: true, hasFolder: false, "on"));
        Assert.Equal((1, false), (restored.Table.Count, restored.ServesSaved));
    }

    private static ClientsReading Read(bool hasMain, bool hasFolder, params string[] clients) =>
        new(ClientsSource.Whole, hasMain, [.. clients.Select(Define)], new HashSet<string>()) { HasFolder = hasFolder };

    /// <summary>As with a package that puts each client into a file of its own: to take the file away is to take the client away.</summary>
    [Fact]
    public void With_one_file_per_client_removing_a_file_removes_its_client()
    {
        SaveOffAndOn();
        using (var moved = Start(new(ClientsSource.Whole, false, [Define("off"), Define("on")], new HashSet<string>())))
            Assert.Equal((2, 0), (moved.Table.Count, moved.Awaited.Names.Count));

        using var restored = Start(new(ClientsSource.Whole, false, [Define("on")], new HashSet<string>()));

        Assert.Equal(["on"], restored.Table.Select(c => c.Name));
        Assert.Equal((false, 0), (restored.ServesSaved, restored.Awaited.Names.Count));
    }

    /// <summary>Those that were added on the bus never were in a file.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Without_saved_clients_from_a_file_a_missing_file_counts_as_complete(bool hasOther)
    {
        var none = new ClientsReading(ClientsSource.Missing, false, [], new HashSet<string>());
        if (hasOther)
        {
            using var first = Start(none);
            first.Store.Save([ClientState.FirstSeen(Define("bus"), Now)], [], Now);
        }

        using var restored = Start(none);
        Assert.Equal(hasOther ? ["bus"] : [], restored.Table.Select(c => c.Name));
        Assert.Equal((false, 0), (restored.ServesSaved, restored.Awaited.Names.Count));
        Assert.DoesNotContain("Error", Log.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_broken_clients_conf_stops_the_first_start_and_a_start_without_restore(bool restores)
    {
        if (!restores)
            SaveOffAndOn();
        Assert.Null(RestoredClients.Open(Settings(restores), new(ClientsSource.Malformed, true, [], new HashSet<string>()), Log));
    }
}
