using Mandos.Core.Linux.Files;

namespace Mandos.Server.Configuration;

/// <summary>Whether a file that holds secrets may be read by every user.</summary>
internal static class OpenToOthers
{
    /// <summary>What is said of one.</summary>
    internal static string Warning(string path) => $"every user can read this file, which contains secrets; hint: chmod go= {path}";

    /// <summary>True if others have the right to read it, and to get to it.</summary>
    internal static bool Is(string path)
    {
        try
        {
            var file = new FileInfo(Path.GetFullPath(path));
            file = file.ResolveLinkTarget(returnFinalTarget: true) as FileInfo ?? file;
            if (!FileKind.IsFile(file.FullName) || (file.UnixFileMode & UnixFileMode.OtherRead) == 0)
                return false;
            for (var folder = file.Directory; folder is not null; folder = folder.Parent)
            {
                if ((folder.UnixFileMode & UnixFileMode.OtherExecute) == 0)
                    return false;
            }

            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
