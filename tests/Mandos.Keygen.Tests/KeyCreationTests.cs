using Mandos.Core.Keys;

namespace Mandos.Keygen.Tests;

public sealed class KeyCreationTests : IDisposable
{
    private static readonly string[] Names = ["pubkey.txt", "seckey.txt", "tls-privkey.pem", "tls-pubkey.pem"];

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Only_four_files_are_written_and_only_their_owner_can_read_them()
    {
        await KeygenRun.MakeKeysAsync(_directory);

        Assert.Equal(Names, _directory.Names);
        Assert.All(Names, name => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_directory[name])));
    }

    [Fact]
    public async Task The_boot_client_can_use_the_TLS_keys()
    {
        await KeygenRun.MakeKeysAsync(_directory);

        using var pair = TlsKeyPair.Parse(
            File.ReadAllBytes(_directory["tls-pubkey.pem"]), File.ReadAllBytes(_directory["tls-privkey.pem"]));

        Assert.Equal("Ed25519", pair.Algorithm);
    }

    [Fact]
    public async Task Ed25519_key_files_have_the_same_sizes_as_the_originals()
    {
        await KeygenRun.MakeKeysAsync(_directory);

        Assert.Equal(119, new FileInfo(_directory["tls-privkey.pem"]).Length);
        Assert.Equal(113, new FileInfo(_directory["tls-pubkey.pem"]).Length);
    }

    [Theory]
    [InlineData("pubkey.txt")]
    [InlineData("seckey.txt")]
    [InlineData("tls-privkey.pem")]
    [InlineData("tls-pubkey.pem")]
    public async Task One_existing_key_file_is_enough_for_a_refusal(string name)
    {
        File.WriteAllText(_directory[name], "old");
        var run = new KeygenRun();

        Assert.Equal(1, await run.RunAsync("-d", _directory.Path));

        Assert.Equal([name], _directory.Names);
        Assert.Equal("old", File.ReadAllText(_directory[name]));
        Assert.StartsWith(
            $"mandos-keygen: error: {_directory.Path} already has key files: {name}\nhint: use --force", run.Error.ToString(),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_dangling_symbolic_link_counts_as_an_existing_file()
    {
        File.CreateSymbolicLink(_directory["seckey.txt"], _directory["elsewhere"]);

        Assert.Equal(1, await new KeygenRun().RunAsync("-d", _directory.Path));

        Assert.Equal(["seckey.txt"], _directory.Names);
    }

    [Fact]
    public async Task With_force_the_old_files_become_numbered_backups()
    {
        await KeygenRun.MakeKeysAsync(_directory);
        var first = Names.ToDictionary(name => name, name => File.ReadAllText(_directory[name]));
        await KeygenRun.MakeKeysAsync(_directory, "--force");
        var second = Names.ToDictionary(name => name, name => File.ReadAllText(_directory[name]));
        await KeygenRun.MakeKeysAsync(_directory, "-f");

        Assert.Equal(
            [.. Names.SelectMany(name => new[] { name, $"{name}.~1~", $"{name}.~2~" }).Order(StringComparer.Ordinal)], _directory.Names);
        Assert.All(Names, name =>
        {
            Assert.Equal(first[name], File.ReadAllText(_directory[$"{name}.~1~"]));
            Assert.Equal(second[name], File.ReadAllText(_directory[$"{name}.~2~"]));
            Assert.NotEqual(second[name], File.ReadAllText(_directory[name]));
        });
    }

    [Fact]
    public async Task With_force_a_link_is_replaced_and_what_it_pointed_to_is_left_alone()
    {
        File.WriteAllText(_directory["target"], "precious");
        File.CreateSymbolicLink(_directory["seckey.txt"], _directory["target"]);

        await KeygenRun.MakeKeysAsync(_directory, "--force");

        Assert.Equal("precious", File.ReadAllText(_directory["target"]));
        Assert.Null(new FileInfo(_directory["seckey.txt"]).LinkTarget);
        Assert.Equal(_directory["target"], new FileInfo(_directory["seckey.txt.~1~"]).LinkTarget);
    }

    [Fact]
    public async Task A_missing_key_directory_is_reported_with_a_hint()
    {
        var run = new KeygenRun();

        Assert.Equal(1, await run.RunAsync("--dir", _directory["nowhere"]));

        Assert.Equal(
            $"mandos-keygen: error: the key directory {_directory["nowhere"]} does not exist\nhint: create it with 'install -d -m 700 "
                + $"{_directory["nowhere"]}', or specify another with --dir\n",
            run.Error.ToString());
    }

    [Theory]
    [InlineData()]
    [InlineData("--passfile=/dev/null")]
    public async Task A_file_in_place_of_the_directory_is_refused(params string[] arguments)
    {
        File.WriteAllText(_directory["file"], "");
        var run = new KeygenRun();

        Assert.Equal(1, await run.RunAsync(["--dir", _directory["file"], .. arguments]));

        Assert.Equal($"mandos-keygen: error: {_directory["file"]} is not a directory\n", run.Error.ToString());
    }

    [Fact]
    public async Task A_directory_that_cannot_be_written_is_refused()
    {
        // Not even root can write there.
        var run = new KeygenRun();

        Assert.Equal(1, await run.RunAsync("--dir", "/proc/self"));

        Assert.StartsWith(
            "mandos-keygen: error: the key directory /proc/self cannot be written", run.Error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task On_request_it_makes_the_same_keys_as_the_original()
    {
        var run = new KeygenRun();

        Assert.Equal(
            0,
            await run.RunAsync(
                "-d", _directory.Path, "-t", "RSA", "-l", "1024", "-s", "rsa", "-L", "1024", "-n", "golden.example", "-e", "a@b", "-c",
                "text"));

        Assert.Equal("mandos-keygen: warning: RSA-1024 is too short to be secure\n", run.Error.ToString());
        Assert.StartsWith(
            "-----BEGIN PGP PRIVATE KEY BLOCK-----\nComment: Mandos client key for golden.example (text) <a@b>\n\n",
            File.ReadAllText(_directory["seckey.txt"]), StringComparison.Ordinal);
        Assert.StartsWith(
            "-----BEGIN PGP PUBLIC KEY BLOCK-----\nComment: Mandos client key for golden.example (text) <a@b>\n\n",
            File.ReadAllText(_directory["pubkey.txt"]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_terminal_nothing_is_printed()
    {
        var run = new KeygenRun();

        await run.RunAsync("-d", _directory.Path);

        Assert.Equal("", run.Error.ToString() + run.Output);
    }

    [Fact]
    public async Task At_a_terminal_the_created_files_and_the_next_steps_are_printed()
    {
        var run = new KeygenRun { Watched = true };

        Assert.Equal(0, await run.RunAsync("-d", _directory.Path));

        Assert.Equal("", run.Output.ToString());
        using var pair = TlsKeyPair.Parse(
            File.ReadAllBytes(_directory["tls-pubkey.pem"]), File.ReadAllBytes(_directory["tls-privkey.pem"]));
        Assert.Contains($"key_id: {pair.KeyId}\n", run.Error.ToString(), StringComparison.Ordinal);
        Assert.Contains("mandos-keygen --password", run.Error.ToString(), StringComparison.Ordinal);
    }
}
