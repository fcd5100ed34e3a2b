using System.CommandLine;

namespace Mandos.CommandLine;

/// <summary>
/// Rewrites arguments, as getopt_long(3) and argp interpret them, to the one form that System.CommandLine parses unambiguously:
/// <c>--long-name=value</c>. Supports unambiguous abbreviations, <c>-x value</c>, <c>-xvalue</c>, bundled flags, separate values that begin
/// with a dash, and <c>--</c>.
/// </summary>
public static class GnuArguments
{
    /// <summary>The result: the rewritten arguments, or one error.</summary>
    public readonly record struct Result(string[] Arguments, string? Error);

    /// <summary>Rewrites <paramref name="arguments"/> for the options of <paramref name="command"/>.</summary>
    public static Result Normalize(Command command, IReadOnlyList<string> arguments)
    {
        var output = new List<string>();
        var operands = new List<string>();
        for (var i = 0; i < arguments.Count; i++)
        {
            var word = arguments[i];
            if (word == "--")
            {
                operands.AddRange(arguments.Skip(i + 1));
                break;
            }

            var error = word switch
            {
                _ when word.StartsWith("--", StringComparison.Ordinal) => Long(command, arguments, ref i, output),
                _ when word.Length > 1 && word[0] == '-' => Short(command, arguments, ref i, output),
                _ => Operand(word, operands),
            };
            if (error is not null)
                return new([], error);
        }

        if (operands.Count > 0)
            output.AddRange(["--", .. operands]);
        return new([.. output], null);
    }

    private static string? Operand(string word, List<string> operands)
    {
        operands.Add(word);
        return null;
    }

    private static string? Long(Command command, IReadOnlyList<string> arguments, ref int i, List<string> output)
    {
        var word = arguments[i];
        var equals = word.IndexOf('=', StringComparison.Ordinal);
        var name = equals < 0 ? word : word[..equals];
        var matches = Match(command, name, out var option);
        if (option is null)
            return $"unrecognized option '{name}'{Hint(command, name)}";
        if (matches.Count > 1)
            return $"option '{name}' is ambiguous; possibilities: {string.Join(' ', matches.Select(match => $"'{match}'"))}";
        if (!TakesValue(option))
        {
            if (equals >= 0)
                return $"option '{option.Name}' does not allow an argument";
            output.Add(option.Name);
            return null;
        }

        if (equals >= 0)
            return Add(output, option, word[(equals + 1)..]);
        return ++i < arguments.Count ? Add(output, option, arguments[i]) : $"option '{option.Name}' requires an argument";
    }

    private static string? Short(Command command, IReadOnlyList<string> arguments, ref int i, List<string> output)
    {
        var word = arguments[i];
        for (var at = 1; at < word.Length; at++)
        {
            var name = "-" + word[at];
            var option = Visible(command).FirstOrDefault(o => o.Name == name || o.Aliases.Contains(name));
            if (option is null)
                return $"invalid option -- '{word[at]}'";
            if (!TakesValue(option))
            {
                output.Add(option.Name);
                continue;
            }

            if (at + 1 < word.Length)
                return Add(output, option, word[(at + 1)..]);
            return ++i < arguments.Count ? Add(output, option, arguments[i]) : $"option requires an argument -- '{word[at]}'";
        }

        return null;
    }

    private static string? Add(List<string> output, Option option, string value)
    {
        // Two words, because the parser drops an empty value after '='; a value that is itself an option's name must follow '=', so that it
        // is not taken for that option.
        if (value.Length == 0 || value[0] != '-')
        {
            output.Add(option.Name);
            output.Add(value);
        }
        else
        {
            output.Add($"{option.Name}={value}");
        }

        return null;
    }

    /// <summary>
    /// Returns the options that the name may abbreviate, one name for each; <paramref name="option"/> is the last of them.
    /// </summary>
    private static List<string> Match(Command command, string name, out Option? option)
    {
        var matches = new List<string>();
        option = null;
        foreach (var candidate in Visible(command))
        {
            var names = LongNames(candidate);
            if (names.Contains(name))
            {
                option = candidate;
                return [name];
            }

            // Several names of one option are not ambiguous.
            if (name.Length > 2 && names.FirstOrDefault(n => n.StartsWith(name, StringComparison.Ordinal)) is { } match)
            {
                option = candidate;
                matches.Add(match);
            }
        }

        return matches;
    }

    private static string Hint(Command command, string name) =>
        OptionsOfOthers.Hint(name) is { Length: > 0 } owner ? owner : SpellingHint.Hint(name, Visible(command).SelectMany(LongNames));

    private static IEnumerable<string> LongNames(Option option) =>
        option.Aliases.Append(option.Name).Where(name => name.StartsWith("--", StringComparison.Ordinal));

    private static IEnumerable<Option> Visible(Command command) => command.Options;

    private static bool TakesValue(Option option) => option.Arity.MaximumNumberOfValues > 0 && option.ValueType != typeof(bool);
}
