using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Mandos.Tests;

/// <summary>What is shipped beside a program and names its options: a manual page and completions.</summary>
/// <param name="program">Its name, and that of its completion.</param>
/// <param name="page">The file of its manual page.</param>
/// <param name="options">What its command line takes: each option by all its names, and whether a value follows.</param>
internal sealed partial class CommandLineDocuments(
    string program, string page, IEnumerable<(IReadOnlyList<string> Names, bool TakesValue)> options)
{
    private readonly List<(IReadOnlyList<string> Names, bool TakesValue)> _options = [.. options];

    private IEnumerable<string> Names => _options.SelectMany(option => option.Names);

    /// <summary>The page names every option, long and short, and no word that looks like one and is none.</summary>
    public void AssertManualPage()
    {
        var text = FontChange()
            .Replace(File.ReadAllText(Path.Combine(Golden.Root, "docs", "man", page)), "")
            .Replace("\\-", "-", StringComparison.Ordinal);
        // Examples also run other programs.
        text = QuotedCommand().Replace(text, command => command.Groups[1].Value == program ? command.Value : "");
        text = string.Join(
            '\n',
            text.Split('\n').Where(
                line => CommandLine().Match(line) is not { Success: true } command || command.Groups[1].Value == program));
        Assert.Equal(
            Names.Order(StringComparer.Ordinal),
            OptionWord().Matches(text).Select(match => match.Value).Distinct().Order(StringComparer.Ordinal));
    }

    /// <summary>The completion offers every long option and nothing that is none, and no option where a value is wanted.</summary>
    public void AssertCompletion()
    {
        Assert.Equal(Names.Where(IsLong).Order(StringComparer.Ordinal), Complete("--").Order(StringComparer.Ordinal));
        Assert.Empty(Complete("-").Except(Names));
        // It would execute what is in a name. Numbers of users are harmless.
        Assert.DoesNotMatch(@"(-W |words=)""[^""]*\$(\((?!getent)|names|interfaces|clients)", Completion("bash", program));
        foreach (var (names, takesValue) in _options)
            Assert.All(names, name => Assert.Equal(takesValue, !Complete(name, "").Any(IsLong)));
    }

    /// <summary>The completions of zsh and fish have every long option and no other, with a value where one is wanted.</summary>
    public void AssertOtherShells()
    {
        var longNames = Names.Where(IsLong).Order(StringComparer.Ordinal).ToList();
        var zsh = Completion("zsh", $"_{program}");
        var fish = Completion("fish", $"{program}.fish");
        Assert.Equal(longNames, Distinct(ZshOption().Matches(zsh)));
        Assert.Equal(longNames, Distinct(FishOption().Matches(fish)).Select(name => $"--{name}"));
        foreach (var (names, takesValue) in _options)
        {
            foreach (var name in names.Where(IsLong))
            {
                Assert.Equal((name, takesValue), (name, Regex.IsMatch(zsh, $@"(?<![\w-]){name}=")));
                Assert.Equal((name, takesValue), (name, Regex.IsMatch(fish, $@"-l {name[2..]} -[xr]\b")));
            }
        }

        static IEnumerable<string> Distinct(MatchCollection matches) =>
            matches.Select(match => match.Groups[1].Value).Distinct().Order(StringComparer.Ordinal);
    }

    /// <summary>The help has every long option.</summary>
    /// <param name="run">Runs the program: its arguments, output and errors.</param>
    public async Task AssertHelpAsync(Func<string[], TextWriter, TextWriter, Task<int>> run)
    {
        using var output = new StringWriter();
        Assert.Equal(0, await run(["--help"], output, TextWriter.Null));
        Assert.All(Names.Where(IsLong), option => Assert.Contains(option, output.ToString(), StringComparison.Ordinal));
    }

    /// <summary>An invalid command line is reported in the name of the program, with exit code 2.</summary>
    public async Task AssertRefusedAsync(Func<string[], TextWriter, TextWriter, Task<int>> run, params string[] arguments)
    {
        using var error = new StringWriter();
        Assert.Equal(2, await run(arguments, TextWriter.Null, error));
        Assert.StartsWith($"{program}: error: ", error.ToString(), StringComparison.Ordinal);
    }

    /// <summary>What bash would offer for the last of these words.</summary>
    public List<string> Complete(params string[] words) => CompleteWith(null, words);

    /// <summary>The same, with a directory of programs before those of this machine.</summary>
    public List<string> CompleteWith(string? programs, params string[] words)
    {
        var file = Path.Combine(Completions, "bash", program);
        // Out of a completion there are no options of it to set.
        const string script =
            "compopt() { :; }; source \"$0\"; program=$1; shift; COMP_WORDS=(\"$program\" \"$@\"); COMP_CWORD=$#; "
                + "\"_${program//-/_}\"; printf '%s\\n' \"${COMPREPLY[@]}\"";
        using var bash = Process.Start(
            new ProcessStartInfo("bash", ["-c", script, file, program, .. words])
            {
                RedirectStandardOutput = true,
                Environment = { ["PATH"] = $"{programs ?? "/bin"}:{Environment.GetEnvironmentVariable("PATH")}" },
            })!;
        var answer = bash.StandardOutput.ReadToEnd();
        bash.WaitForExit();
        Assert.Equal(0, bash.ExitCode);
        return [.. answer.Split('\n', StringSplitOptions.RemoveEmptyEntries)];
    }

    private static string Completions => Path.Combine(Golden.Root, "packaging", "completions");

    private static string Completion(string shell, string name) => File.ReadAllText(Path.Combine(Completions, shell, name));

    private static bool IsLong(string word) => word.StartsWith("--", StringComparison.Ordinal);

    [GeneratedRegex(@"(?<![\w-])(--[a-z][a-z0-9-]*)")]
    private static partial Regex ZshOption();

    [GeneratedRegex(@"^complete .*?-l ([a-z][a-z0-9-]*)", RegexOptions.Multiline)]
    private static partial Regex FishOption();

    [GeneratedRegex(@"^(?: *(?:client|server)?# |\.B )(\S+) ")]
    private static partial Regex CommandLine();

    [GeneratedRegex("\"([a-z]\\S+) -[^\"\n]*\"")]
    private static partial Regex QuotedCommand();

    [GeneratedRegex(@"\\f.")]
    private static partial Regex FontChange();

    [GeneratedRegex(@"(?<![\w.-])(--[a-z][a-z0-9-]*|-[A-Za-z?](?![\w-]))")]
    private static partial Regex OptionWord();
}
