using System.CommandLine;
using System.CommandLine.Parsing;

namespace Mandos.CommandLine;

/// <summary>
/// Options whose values are unchanged text. They avoid System.CommandLine's converters, which would link a parser for every common type
/// into a program.
/// </summary>
public static class PlainOption
{
    /// <summary>An option with a value; null if it was not given. The last one counts.</summary>
    public static Option<string?> Text(string name, string valueName, string description, params string[] aliases) => new(name, aliases)
    {
        HelpName = valueName,
        Description = description,
        CustomParser = static result => result.Tokens[^1].Value,
        Arity = ArgumentArity.OneOrMore,
    };

    /// <summary>An option that may be repeated; its values in order, empty if it was not given.</summary>
    public static Option<IReadOnlyList<string>> Texts(string name, string valueName, string description, params string[] aliases) =>
        new(name, aliases)
        {
            HelpName = valueName,
            Description = description,
            CustomParser = Words,
            DefaultValueFactory = static _ => [],
            Arity = ArgumentArity.OneOrMore,
            AllowMultipleArgumentsPerToken = false,
        };

    /// <summary>Returns the given words unchanged.</summary>
    public static IReadOnlyList<string> Words(ArgumentResult result) => [.. result.Tokens.Select(token => token.Value)];

    /// <summary>An option without a value.</summary>
    public static Option<bool> Flag(string name, string description, params string[] aliases) =>
        new(name, aliases) { Description = description, CustomParser = static _ => true, Arity = ArgumentArity.Zero };
}
