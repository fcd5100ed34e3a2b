using Mandos.Keygen.Failures;

namespace Mandos.Keygen.Servers;

/// <summary>The name of a client that is also the name of a file on the server.</summary>
internal static class ClientName
{
    private const int MostCharacters = 200;

    /// <summary>Checks a name: letters, digits, dots, hyphens and underscores, the first of them a letter or digit.</summary>
    /// <exception cref="KeygenException">It has others.</exception>
    public static string Check(string name) =>
        name.Length is > 0 and <= MostCharacters
            && char.IsAsciiLetterOrDigit(name[0])
            && name.All(character => char.IsAsciiLetterOrDigit(character) || character is '.' or '-' or '_')
            && name != "DEFAULT"
            ? name
            : throw new KeygenException(
                $"'{name}' cannot be the name of the client's file on the server",
                "give a name of letters, digits, '.', '-' and '_' with --name");
}
