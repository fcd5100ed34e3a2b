using Mandos.Core.Linux;
using Mandos.Server.Configuration;

namespace Mandos.Server.Startup;

/// <summary>The state directory, made by root for the user that the server becomes.</summary>
internal static class StateFolder
{
    /// <summary>Makes it, for that user alone, where only the last part of its path is missing; nothing happens for null.</summary>
    /// <exception cref="StartupException">It cannot be made.</exception>
    internal static void Make(string path, UserAccount? owner)
    {
        if (owner is null || Directory.Exists(path) || !Directory.Exists(Path.GetDirectoryName(Path.GetFullPath(path))))
            return;
        try
        {
            _ = Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StartupException($"{path}: cannot be made: {FileFailure.Reason(e)}", "another directory: --statedir");
        }

        var error = FileNames.ChangeOwner(path, owner.UserId, owner.GroupId);
        if (!error.Ok)
            throw new StartupException($"{path}: cannot be given to user {owner.Name}: {error}", "another directory: --statedir");
    }
}
