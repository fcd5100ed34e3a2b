using Mandos.Core.Linux.Files;

namespace Mandos.Configuration;

/// <summary>Whether every user can read a file with secrets.</summary>
internal static class OpenToOthers
{
    /// <summary>The warning for such a file.</summary>
    internal static string Warning(string path) => $"every user can read this file, which contains secrets; hint: chmod go= {path}";

    /// <summary>Whether other users may read the file and access its directories.</summary>
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
