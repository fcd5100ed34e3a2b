using System.Globalization;

namespace Mandos.Core.Linux.Privileges;

/// <summary>An account of /etc/passwd (passwd(5)). The file is read directly, without a name service or loading a library.</summary>
public sealed record UserAccount(string Name, uint UserId, uint GroupId, string HomeDirectory)
{
    private const string File = "/etc/passwd";

    /// <summary>Finds an account by name; null if it or the file does not exist.</summary>
    public static UserAccount? Find(string name) => ReadAll().FirstOrDefault(account => account.Name == name);

    /// <summary>Finds an account by user ID.</summary>
    public static UserAccount? Find(uint userId) => ReadAll().FirstOrDefault(account => account.UserId == userId);

    /// <summary>Parses one line of the file; null if it is not an account.</summary>
    public static UserAccount? Parse(string line) =>
        line.Split(':') is [{ Length: > 0 } name, _, var user, var group, _, var home, ..]
        && uint.TryParse(user, NumberStyles.None, CultureInfo.InvariantCulture, out var userId)
        && uint.TryParse(group, NumberStyles.None, CultureInfo.InvariantCulture, out var groupId)
            ? new(name, userId, groupId, home)
            : null;

    private static List<UserAccount> ReadAll()
    {
        try
        {
            return System.IO.File.ReadLines(File).Select(Parse).OfType<UserAccount>().ToList();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
