using System.CommandLine;
using Mandos.CommandLine;
using Mandos.Keygen.Actions;
using Mandos.Keygen.Commands;
using Mandos.Keygen.Enrolment;
using Mandos.Keygen.Keys;
using Mandos.Keygen.Rotation;
using Microsoft.Extensions.Time.Testing;

namespace Mandos.Keygen.Tests;

public sealed class OptionTests
{
    private static KeygenOptions Parse(params string[] arguments)
    {
        var error = new StringWriter();
        var options = new KeygenCommand().Parse(arguments, TextWriter.Null, error, new FakeTimeProvider(), out var exitCode);
        Assert.Equal("", error.ToString());
        Assert.Equal(0, exitCode);
        return options!;
    }

    [Fact]
    public void Without_options_it_generates_curve_keys_that_never_expire()
    {
        var options = Parse();

        Assert.Contains(options.Directory, new[] { "/etc/keys/mandos", "/etc/mandos/keys" });
        Assert.Equal(OpenPgpAlgorithm.Ed25519, options.Primary.Algorithm);
        Assert.Equal(OpenPgpAlgorithm.Curve25519, options.Subkey.Algorithm);
        Assert.Equal(TlsKeyType.Ed25519, options.TlsKeyType);
        Assert.Equal((null, "", "", null, false, false, null, true),
            (
                options.Name, options.Email, options.Comment, options.Validity, options.Force, options.EncryptPassword,
                options.PasswordFile, options.Ssh));
    }

    [Theory]
    [InlineData("--dir")]
    [InlineData("-d")]
    public void Dir(string name) => Assert.Equal("/keys", Parse(name, "/keys").Directory);

    [Theory]
    [InlineData("--type")]
    [InlineData("-t")]
    public void Type(string name) => Assert.Equal(new(OpenPgpAlgorithm.Rsa, 4096), Parse(name, "RSA").Primary);

    [Theory]
    [InlineData("--length")]
    [InlineData("-l")]
    public void Length(string name) => Assert.Equal(new(OpenPgpAlgorithm.Rsa, 3072), Parse(name, "3072").Primary);

    [Theory]
    [InlineData("--subtype")]
    [InlineData("-s")]
    public void Subtype(string name) => Assert.Equal(new(OpenPgpAlgorithm.Rsa, 4096), Parse(name, "RSA").Subkey);

    [Theory]
    [InlineData("--sublength")]
    [InlineData("-L")]
    public void Sublength(string name) => Assert.Equal(new(OpenPgpAlgorithm.Rsa, 3072), Parse(name, "3072").Subkey);

    [Theory]
    [InlineData("--name")]
    [InlineData("-n")]
    public void Name(string name) => Assert.Equal("client", Parse(name, "client").Name);

    [Theory]
    [InlineData("--email")]
    [InlineData("-e")]
    public void Email(string name) => Assert.Equal("a@b", Parse(name, "a@b").Email);

    [Theory]
    [InlineData("--comment")]
    [InlineData("-c")]
    public void Comment(string name) => Assert.Equal("two words", Parse(name, "two words").Comment);

    [Theory]
    [InlineData("--expire")]
    [InlineData("-x")]
    public void Expire(string name) => Assert.Equal(TimeSpan.FromDays(7), Parse(name, "1w").Validity);

    [Theory]
    [InlineData("--tls-keytype")]
    [InlineData("-T")]
    public void Tls_keytype(string name) => Assert.Equal(TlsKeyType.Ed448, Parse(name, "ed448").TlsKeyType);

    [Theory]
    [InlineData("--force")]
    [InlineData("-f")]
    public void Force(string name) => Assert.True(Parse(name).Force);

    [Theory]
    [InlineData("--password")]
    [InlineData("-p")]
    public void Password(string name) => Assert.Equal((true, null), (Parse(name).EncryptPassword, Parse(name).PasswordFile));

    [Theory]
    [InlineData("--passfile", "file")]
    [InlineData("-F", "file")]
    [InlineData("-F", "-")]
    [InlineData("-F", "-x")]
    [InlineData("-F", "--password")]
    public void Passfile(string name, string file) =>
        Assert.Equal((true, file), (Parse(name, file).EncryptPassword, Parse(name, file).PasswordFile));

    [Fact]
    public void Passfile_accepts_a_value_attached_to_its_short_name() => Assert.Equal("/dev/null", Parse("-F/dev/null").PasswordFile);

    [Fact]
    public void Passfile_wins_over_password() => Assert.Equal("file", Parse("-F", "file", "-p").PasswordFile);

    [Theory]
    [InlineData("--no-ssh")]
    [InlineData("-S")]
    public void No_ssh_turns_SSH_off(string name) => Assert.False(Parse(name).Ssh);

    [Fact]
    public void The_last_of_several_values_counts() => Assert.Equal("two", Parse("-n", "one", "--name=two").Name);

    [Theory]
    [InlineData("--version")]
    [InlineData("-v")]
    public async Task Version_is_one_line_on_stdout(string name)
    {
        var run = new KeygenRun();

        Assert.Equal(0, await run.RunAsync(name));

        Assert.Matches(@"^mandos-keygen \d+\.\d+\.\d+\S*\n$", run.Output.ToString());
        Assert.Equal("", run.Error.ToString());
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("-h")]
    public async Task Help_prints_every_option_to_stdout(string name)
    {
        var run = new KeygenRun();

        Assert.Equal(0, await run.RunAsync(name));

        Assert.Equal("", run.Error.ToString());
        Assert.All(
            new KeygenCommand().Program.Command.Options,
            option => Assert.Contains(option.Name, run.Output.ToString(), StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("word", "word")]
    [InlineData("'--nosuch'", "--nosuch")]
    [InlineData("invalid option -- 'X'", "-X")]
    [InlineData("requires an argument", "--dir")]
    [InlineData("--type=DSA: not a supported key type\nhint: use ed25519 or RSA", "-t", "DSA")]
    [InlineData("--subtype=ELG: not a supported key type\nhint: use cv25519 or RSA", "-s", "ELG")]
    [InlineData("--type=ecdh: not a supported key type", "-t", "ecdh")]
    [InlineData("--length=abc: not a number of bits", "-l", "abc")]
    [InlineData("--length=-5: not a number of bits", "-l", "-5")]
    [InlineData("--length=100: not from 1024 to 8192 bits", "-l", "100")]
    [InlineData("--sublength=10000: not from 1024 to 8192 bits", "-L", "10000")]
    [InlineData("--length=4096: Ed25519 keys have a fixed length", "-t", "ed25519", "-l", "4096")]
    [InlineData("--tls-keytype=dsa: not a supported key type", "-T", "dsa")]
    [InlineData("--expire=soon: not a valid time", "-x", "soon")]
    [InlineData("the name of the key directory is empty", "--dir=")]
    [InlineData("the name of the client is empty", "--name=")]
    [InlineData("the name of the client is empty", "--name= ")]
    [InlineData("cannot be named DEFAULT", "--name=DEFAULT")]
    [InlineData("--name: contains ']'", "--name=a]b")]
    [InlineData("--name: contains '<'", "--name=a<b")]
    [InlineData("--name: contains the control character 10", "--name=a\nb")]
    [InlineData("--name: contains bytes that are not UTF-8", "--name=a\uFFFDb")]
    [InlineData("--comment: contains ')'", "--comment=a)b")]
    [InlineData("--email: contains a space", "--email=a b")]
    [InlineData("--email: contains '>'", "--email=a>b")]
    public async Task An_invalid_value_gives_one_error_and_exit_code_1(string message, params string[] arguments)
    {
        var run = new KeygenRun();

        Assert.Equal(1, await run.RunAsync(arguments));

        Assert.Equal("", run.Output.ToString());
        Assert.StartsWith("mandos-keygen: error: ", run.Error.ToString(), StringComparison.Ordinal);
        Assert.Contains(message, run.Error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_completion_offers_every_option_and_no_other() => Documents().AssertCompletion();

    [Fact]
    public void The_manual_page_names_every_option_and_no_other() => OfAllCommands().AssertManualPage();

    [Fact]
    public void The_completions_of_other_shells_have_every_option_command_and_step()
    {
        OfAllCommands().AssertOtherShells();
        var (zsh, fish) = (Completion("zsh/_mandos-keygen"), Completion("fish/mandos-keygen.fish"));
        Assert.All(Subcommands.All, command => Assert.Contains($"'{command.Name}:", zsh, StringComparison.Ordinal));
        Assert.All(Subcommands.All, command => Assert.Contains($" -a {command.Name} -d", fish, StringComparison.Ordinal));
        foreach (var command in new[] { "enroll", "unenroll" })
        {
            var steps = string.Join(' ', Documents().Complete(command, "--step", ""));
            Assert.Contains($":step:({steps})", zsh, StringComparison.Ordinal);
            Assert.Contains($"-a '{steps}'", fish, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void The_manual_page_and_the_completion_name_every_command_and_step()
    {
        var page = File.ReadAllText(Path.Combine(Golden.Root, "docs/man/mandos-keygen.8"));
        var offered = Documents().Complete("");
        Assert.All(Subcommands.All, command => Assert.Matches($"\n\\.SS \"{command.Name}[ \"]", page));
        Assert.Equal(Subcommands.All.Select(command => command.Name), offered.Where(word => word[0] != '-'));
        Assert.All(EnrolmentPlan.Names, name => Assert.Contains($"\n.B {name}\n", page, StringComparison.Ordinal));
        Assert.Equal(EnrolmentPlan.Names, Documents().Complete("enroll", "--step", ""));
        Assert.All(
            RotationPlan.Names, name => Assert.Matches($"\n\\.BR? ([a-z]+ \", \" )?{name}( \", \" [a-z]+)?\n", page));
        Assert.Equal(RotationPlan.Names, Documents().Complete("rotate", "--step", ""));
    }

    public static TheoryData<string> Commands => [.. Subcommands.All.Select(command => command.Name)];

    [Theory, MemberData(nameof(Commands))]
    public void The_completion_offers_every_option_of_a_command_and_no_other(string name)
    {
        var command = Subcommands.All.Single(command => command.Name == name);
        Assert.Equal(
            Options(command.Program).Select(option => option.Name).Order(StringComparer.Ordinal),
            Documents().Complete(name, "--").Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task The_help_lists_every_command()
    {
        var run = new KeygenRun();
        await run.RunAsync("--help");

        Assert.All(
            Subcommands.All,
            command => Assert.Contains($"{command.Name,-12} {command.Summary}", run.Output.ToString(), StringComparison.Ordinal));
    }

    /// <summary>Help, usage and version join the others at the first use.</summary>
    private static IEnumerable<Option> Options(GnuProgram program)
    {
        _ = program.Parse(["--usage"], TextWriter.Null, TextWriter.Null, out _);
        return program.Command.Options;
    }

    private static string Completion(string name) => File.ReadAllText(Path.Combine(Golden.Root, "packaging/completions", name));

    /// <summary>Each option once, whichever commands have it.</summary>
    private static CommandLineDocuments OfAllCommands() => new(
        "mandos-keygen", "mandos-keygen.8",
        Subcommands.All.Select(command => command.Program).Prepend(new KeygenCommand().Program).SelectMany(Options)
            .GroupBy(option => option.Name)
            .Select(same => (
                (IReadOnlyList<string>)[.. same.SelectMany(option => option.Aliases).Append(same.Key).Distinct()],
                same.First().Arity.MaximumNumberOfValues > 0)));

    private static CommandLineDocuments Documents() => new(
        "mandos-keygen", "mandos-keygen.8",
        Options(new KeygenCommand().Program).Select(
            o => ((IReadOnlyList<string>)[.. o.Aliases, o.Name], o.Arity.MaximumNumberOfValues > 0)));
}
