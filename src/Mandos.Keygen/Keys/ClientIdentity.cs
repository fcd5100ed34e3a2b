using System.Text;
using Mandos.Keygen.Failures;

namespace Mandos.Keygen.Keys;

/// <summary>The owner of a key: name, and optionally comment and email address, of an OpenPGP user ID.</summary>
internal sealed record ClientIdentity
{
    private ClientIdentity(string name, string comment, string email) => (Name, Comment, Email) = (name, comment, email);

    public string Name { get; }

    public string Comment { get; }

    public string Email { get; }

    /// <summary><c>NAME[ (COMMENT)][ &lt;EMAIL&gt;]</c> (RFC 4880 section 5.11, an RFC 2822 mailbox by convention).</summary>
    public string UserId
    {
        get
        {
            var text = new StringBuilder(Name);
            if (Comment.Length > 0)
                text.Append(" (").Append(Comment).Append(')');
            if (Email.Length > 0)
                text.Append(" <").Append(Email).Append('>');
            return text.ToString();
        }
    }

    /// <summary>
    /// Creates an identity, and checks that no part can break out of a user ID, an armor header, a section name or a line of a
    /// configuration file.
    /// </summary>
    /// <exception cref="KeygenException">A part is invalid.</exception>
    public static ClientIdentity Create(string name, string comment = "", string email = "")
    {
        name = Check("name", name, "<>[]");
        if (name.Length == 0)
            throw new KeygenException("the name of the client is empty", "specify one with --name");
        if (name == "DEFAULT")
            throw new KeygenException("a client cannot be named DEFAULT, which is reserved in clients.conf", "specify another with --name");
        comment = Check("comment", comment, "()");
        email = Check("email", email, "<> ");
        return new(name, comment, email);
    }

    private static string Check(string option, string text, string forbidden)
    {
        text = text.Trim(' ', '\t');
        foreach (var character in text)
        {
            if (char.IsControl(character) || character == '\uFFFD' || forbidden.Contains(character, StringComparison.Ordinal))
                throw new KeygenException($"--{option}: contains {Show(character)}, which is not allowed there");
        }

        return text;
    }

    private static string Show(char character) => character switch
    {
        '\uFFFD' => "bytes that are not UTF-8",
        ' ' => "a space",
        _ when char.IsControl(character) => $"the control character {(int)character}",
        _ => $"'{character}'",
    };
}
