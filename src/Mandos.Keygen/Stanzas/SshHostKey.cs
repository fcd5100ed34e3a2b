namespace Mandos.Keygen.Stanzas;

/// <summary>An SSH host key as ssh-keyscan prints it.</summary>
/// <param name="ScanType">The type for ssh-keyscan: <c>ed25519</c>.</param>
/// <param name="KeyType">The type in the key: <c>ssh-ed25519</c>.</param>
/// <param name="Base64">The key.</param>
/// <param name="Quiet">Whether it was found with <c>-q</c>, which omits comments.</param>
internal sealed record SshHostKey(string ScanType, string KeyType, string Base64, bool Quiet)
{
    private const int MostCharacters = 16 * 1024;

    /// <summary>
    /// Finds the key in ssh-keyscan's output (<c>HOST TYPE BASE64</c>); null if there is none, or one with characters that are not allowed
    /// in a checker's command.
    /// </summary>
    public static SshHostKey? Parse(string output, string scanType, bool quiet)
    {
        foreach (var line in output.Split('\n'))
        {
            if (line.StartsWith('#') || line.Length > MostCharacters)
                continue;
            if (line.Split(' ') is [_, var type, var key]
                && type.Length > 0
                && key.Length > 0
                && type.All(IsTypeCharacter)
                && key.All(IsBase64))
                return new(scanType, type, key, quiet);
        }

        return null;
    }

    private static bool IsTypeCharacter(char character) => char.IsAsciiLetterOrDigit(character) || character is '-' or '.' or '@';

    private static bool IsBase64(char character) => char.IsAsciiLetterOrDigit(character) || character is '+' or '/' or '=';
}
