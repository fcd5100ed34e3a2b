using Mandos.Core.Linux.Files;
using Mandos.Core.Linux.Privileges;

namespace Mandos.Server.Startup;

/// <summary>The state directory, made by root for the user that the server becomes.</summary>
internal static class StateFolder
{
    /// <summary>
    /// Makes it, for that user alone, where only the last part of its path is missing; nothing happens for null. Where it
    /// cannot be made, the store says why.
    /// </summary>
    internal static void Make(string path, UserAccount? owner)
    {
        if (owner is null || Directory.Exists(path) || !Directory.Exists(Path.GetDirectoryName(Path.GetFullPath(path))))
            return;
        try
        {
            _ = Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            _ = FileNames.ChangeOwner(path, owner.UserId, owner.GroupId);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It is not there.
        }
    }
}
