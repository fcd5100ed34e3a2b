using Mandos.Client.Hosting;
using Mandos.Core.Linux;
using Mandos.Core.Linux.FileDescriptors;
using Mandos.Core.Linux.Files;

namespace Mandos.Client.Runner;

/// <summary>The file plugin-runner.conf.</summary>
internal static class ConfigFile
{
    private const int Largest = 1 << 20;

    private static readonly TimeSpan FifoPatience = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Reads the words; none if the file is missing or unreadable, because most machines do not need it. Null if this process has no
    /// descriptors or memory left, in which case nothing else would work.
    /// </summary>
    internal static IReadOnlyList<string>? Read(string path, Messages messages)
    {
        var problem = InputFile.Open(path, FifoPatience, out var file, out var error);
        using (file)
        {
            var length = 0;
            var text = new byte[4096];
            while (problem is null && error.Ok && length < Largest)
            {
                if (length == text.Length)
                    Array.Resize(ref text, text.Length * 2);
                error = DescriptorIo.Read(file.Number, text.AsSpan(length), out var count);
                if (error.Ok && count == 0)
                    return ConfigWords.Read(text.AsSpan(0, length));
                length += count;
            }
        }

        if (error.Code is Errno.TooManyOpenFiles or Errno.TooManyOpenFilesInSystem or Errno.OutOfMemory)
        {
            messages.Error($"cannot read \"{path}\": {error}");
            return null;
        }

        if (error.Code == Errno.NoSuchFile)
            messages.Debug?.Invoke($"no configuration file \"{path}\"");
        else
            messages.Warning(
                problem is null && error.Ok
                    ? $"\"{path}\" is too large: ignored"
                    : $"cannot read \"{path}\": {problem ?? error.ToString()}");
        return [];
    }
}
