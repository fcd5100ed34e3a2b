using System.CommandLine;
using System.Diagnostics;
using CsCheck;

namespace Mandos.CommandLine.Tests;

/// <summary>The rewriting of arguments beside getopt(1) of util-linux, which calls getopt_long(3).</summary>
public sealed class GetoptTests
{
    private static readonly string[] Words =
    [
        "--connect=a", "--connect", "--con=b", "--connect=", "-c", "-cvalue", "-qc", "-qq", "-q", "--quiet", "--qui", "-x", "--long",
        "--long=-x", "--lo",
        "operand", "-", "a b", "--", "-qlv", "-l",
    ];

    private static readonly Gen<string[]> Arguments = Gen.Int[0, Words.Length - 1].Select(i => Words[i]).Array[0, 6];

    [Fact]
    public void Arguments_that_getopt_accepts_mean_the_same_here_and_those_it_refuses_are_refused() => Arguments.Sample(
        arguments =>
        {
            var ours = GnuArguments.Normalize(Command(), arguments);
            var (accepted, words) = Getopt(arguments);
            Assert.Equal(accepted, ours.Error is null);
            if (accepted)
                Assert.Equal(words, Plain(ours.Arguments));
        },
        iter: 150, threads: 1);

    private static Command Command()
    {
        var command = new Command("demo");
        command.Options.Add(PlainOption.Text("--connect", "ADDRESS", "", "-c"));
        command.Options.Add(PlainOption.Text("--long", "VALUE", "", "-l"));
        command.Options.Add(PlainOption.Flag("--quiet", "", "-q"));
        return command;
    }

    /// <summary>Our form in the words of getopt(1): each option by its long name, its value behind it, "--", operands.</summary>
    private static List<string> Plain(IReadOnlyList<string> arguments)
    {
        var words = new List<string>();
        var areOperands = false;
        foreach (var word in arguments)
        {
            areOperands |= word == "--";
            if (!areOperands
                && word.StartsWith("--", StringComparison.Ordinal)
                && word.IndexOf('=', StringComparison.Ordinal) is > 0 and var equals)
                words.AddRange([word[..equals], word[(equals + 1)..]]);
            else
                words.Add(word);
        }

        if (!areOperands)
            words.Add("--");
        return words;
    }

    private static (bool Accepted, List<string> Words) Getopt(string[] arguments)
    {
        // The shell takes apart what getopt(1) quotes, and prints one word a line.
        const string script =
            """
            words=$(getopt -n demo -o c:l:q -l connect:,long:,quiet -- "$@") || exit 1
            eval set -- "$words"
            for word; do printf '%s\n' "$word"; done
            """;
        using var process = Process.Start(
            new ProcessStartInfo(
                "/bin/sh", ["-c", script, "sh", .. arguments])
            { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var output = process.StandardOutput.ReadToEndAsync();
        _ = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode == 0, LongNames(output.Result.Split('\n')[..^1]));
    }

    private static List<string> LongNames(string[] words)
    {
        var result = words.ToList();
        for (var i = 0; i < words.Length && words[i] != "--"; i++)
        {
            result[i] = words[i] switch { "-c" => "--connect", "-l" => "--long", "-q" => "--quiet", var word => word };
            // Its value may look like an option.
            if (result[i] is "--connect" or "--long")
                i++;
        }

        return result;
    }
}
