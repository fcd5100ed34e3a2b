using Mandos.Server.ClientFiles;
using static Mandos.Server.Tests.ClientFiles.WrittenClients;

namespace Mandos.Server.Tests.ClientFiles;

/// <summary>What the sections of several files are together: defaults, duplicates, errors and secrets.</summary>
public sealed class ClientSectionsTests : IDisposable
{
    private readonly WrittenClients _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public void Defaults_in_the_main_file_apply_to_all_files_and_those_in_another_file_only_to_that_file()
    {
        _files.Write("clients.conf", "[DEFAULT]\ntimeout = PT1M\ninterval = PT1S\nsite = cellar\n" + Client("main", '0'));
        _files.Write("clients.d/a.conf", "[DEFAULT]\ntimeout = PT2M\n" + Client("a", '1', "host = %(site)s"));
        _files.Write("clients.d/b.conf", Client("b", '2'));

        using var reading = _files.Read();

        Assert.Equal(["main PT1M PT1S ", "a PT2M PT1S cellar", "b PT1M PT1S "], reading.Definitions.Select(c =>
            $"{c.Name} {c.Settings.Timeout.ToRfc3339()} {c.Settings.Interval.ToRfc3339()} {c.Settings.Host}"));
    }

    [Fact]
    public void An_error_in_the_defaults_of_the_main_file_is_reported_with_its_own_line()
    {
        _files.Write("clients.conf", "[DEFAULT]\ntimeout = soon\n");
        _files.Write("clients.d/a.conf", Client("a", '1'));

        using var reading = _files.Read();

        Assert.Equal("clients.conf:2: [a] timeout: 'soon' is not a duration\nclients.d/a.conf:1: client [a] is left out", _files.Problems);
    }

    [Fact]
    public void The_later_of_two_clients_with_the_same_name_or_key_is_left_out_and_both_places_are_reported()
    {
        _files.Write("clients.conf", "# first\n" + Client("a", '1'));
        _files.Write("clients.d/x.conf", Client("a", '2') + Client("b", '1'));

        using var reading = _files.Read();

        Assert.Equal(["a"], reading.Definitions.Select(c => c.Name));
        Assert.Equal(["b"], reading.LeftOut);
        Assert.Equal($"""
            clients.d/x.conf:1: client [a] is left out: {_files.Folder}/clients.conf:2 has a section with this name
            clients.d/x.conf:6: [b] key_id: also that of client [a] ({_files.Folder}/clients.conf:2)
            clients.d/x.conf:5: client [b] is left out
            """.Replace(_files.Folder + "/", "", StringComparison.Ordinal), _files.Problems);
    }

    [Fact]
    public void A_duplicate_name_belongs_to_the_first_section_even_if_that_is_invalid()
    {
        _files.Write("clients.conf", "[a]\nkey_id = 12\n");
        _files.Write("clients.d/x.conf", Client("a", '2'));

        using var reading = _files.Read();

        Assert.Empty(reading.Definitions);
        Assert.Equal(["a"], reading.LeftOut);
    }

    [Fact]
    public void A_file_that_cannot_be_parsed_is_reported_with_its_line()
    {
        _files.Write("clients.conf", Client("a", '1'));
        _files.Write("clients.d/x.conf", "[b]\nword\n");

        using var reading = _files.Read();

        Assert.Equal(ClientsSource.Malformed, reading.Source);
        Assert.Equal(
            "clients.d/x.conf:2: the line is not a [section], a 'key = value' or a continuation of the line above", _files.Problems);
    }

    [Theory]
    [InlineData("pipe", "permission denied, or not a file")]
    [InlineData("large", "file too large")]
    [InlineData("loop", "too many levels of symbolic links")]
    public async Task An_unreadable_secret_file_is_reported_with_the_reason(string name, string reason)
    {
        _files.Write("clients.conf", $"[a]\nkey_id = {new string('1', 64)}\nsecfile = {_files.Folder}/{name}\n");
        using var make = System.Diagnostics.Process.Start("mkfifo", [Path.Combine(_files.Folder, "pipe")]);
        await make.WaitForExitAsync(TestContext.Current.CancellationToken);
        using (var large = File.Create(Path.Combine(_files.Folder, "large")))
            large.SetLength(100 << 20);
        File.CreateSymbolicLink(Path.Combine(_files.Folder, "loop"), "loop");

        using var reading = _files.Read();

        Assert.Equal(["a"], reading.LeftOut);
        Assert.StartsWith($"clients.conf:3: [a] secfile: '{name}' cannot be read: {reason}\n", _files.Problems, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[a]\nkeyid = 1\n", "clients.conf:2: [a] unknown option 'keyid'; did you mean 'key_id'?")]
    [InlineData("[DEFAULT]\ntimout = PT1M\n", "clients.conf:2: unknown option 'timout'; did you mean 'timeout'?")]
    [InlineData("[DEFAULT]\ntimout = PT1M\ntimeout = %(timout)s\n", "")]
    [InlineData("[DEFAULT]\nssh_fingerprint = x\ncolour = red\n", "")]
    public void A_probably_misspelled_option_is_reported(string text, string problem)
    {
        _files.Write("clients.conf", text);

        using var reading = _files.Read();

        Assert.Equal(problem, _files.Problems.Split('\n')[0]);
        Assert.True(_files.Found.Count == 0 || _files.Found[0].IsWarning);
    }

    [Fact]
    public void Secrets_of_a_discarded_reading_are_wiped()
    {
        _files.Write("clients.conf", Client("a", '1'));
        var reading = _files.Read();
        var secret = reading.Definitions[0].Secret;

        reading.Dispose();

        Assert.Throws<ObjectDisposedException>(() => secret.Memory.Length);
    }

    [Fact]
    public void Secrets_that_were_taken_over_are_not_wiped()
    {
        _files.Write("clients.conf", Client("a", '1'));
        var reading = _files.Read();
        var taken = reading.Release();

        reading.Dispose();

        Assert.Equal(6, taken[0].Secret.Length);
        taken[0].Secret.Dispose();
    }
}
