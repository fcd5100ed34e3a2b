using System.Globalization;
using System.Text;
using Mandos.Core.Linux.FileDescriptors;
using Mandos.Core.Linux.Files;
using Mandos.Core.Secrets;

namespace Mandos.Client.Unlock;

/// <summary>
/// cryptsetup's askpass, which reads the console (or plymouth) and a named pipe at the same time and takes the first answer:
/// <code>
///   keyboard ──────────┐
///   plymouth ──────────┼─▶ askpass ─▶ cryptsetup open DISK
///   passfifo ◀─ we ────┘
/// </code>
/// It is found through /proc; no program is started to look for it.
/// </summary>
/// <param name="root">The root directory in tests; otherwise empty.</param>
internal sealed class Askpass(string root = "")
{
    private const string Program = "/lib/cryptsetup/askpass";
    private readonly string _fifo = root + "/lib/cryptsetup/passfifo";
    private readonly string _processes = root + "/proc/";
    private PasswordQuestion? _last;

    /// <summary>False after the initramfs has been left, when its files are gone.</summary>
    internal bool IsInstalled => File.Exists(root + Program);

    /// <summary>Finds the open question; null if there is none.</summary>
    internal PasswordQuestion? Find()
    {
        // The question exists as long as its process, so there is no need to search all processes again.
        if (_last is { } last && IsAskpass(last.ProcessId))
            return last;
        _last = null;
        if (!File.Exists(_fifo))
            return null;
        foreach (var path in Directory.EnumerateFileSystemEntries(_processes))
        {
            if (int.TryParse(Path.GetFileName(path.AsSpan()), NumberStyles.None, CultureInfo.InvariantCulture, out var id) && IsAskpass(id))
                _last ??= Read(id);
        }

        return _last;
    }

    /// <summary>Writes the answer; false if the pipe has no reader (any more), and nothing was sent.</summary>
    internal bool Answer(SecretBuffer password)
    {
        var error = Fifo.OpenForWriting(_fifo, out var fifo);
        using (fifo)
            return error.Ok && DescriptorIo.WriteAll(fifo.Number, password.Span, out _).Ok;
    }

    private bool IsAskpass(int id) =>
        SymbolicLink.Target(FileOf(id, "/exe"))?.EndsWith(Program, StringComparison.Ordinal) ?? false;

    private PasswordQuestion? Read(int id)
    {
        if (!Descriptor.OpenForReading(FileOf(id, "/environ"), out var file).Ok)
            return null;
        using (file)
        {
            using var content = SecretInput.ReadToEnd(file.Number, 1 << 20, out _);
            return content is null ? null : Parse(id, content.Span);
        }
    }

    /// <summary>Parses what cryptsetup's scripts pass to askpass: variables as <c>NAME=value</c>, each terminated by a zero byte.</summary>
    internal static PasswordQuestion? Parse(int id, ReadOnlySpan<byte> environment)
    {
        var disk = Variable(environment, "CRYPTTAB_NAME="u8);
        // Without a disk, another program uses askpass.
        if (string.IsNullOrEmpty(disk))
            return null;
        return new PasswordQuestion(
            id, disk, Number(Variable(environment, "CRYPTTAB_TRIED="u8), 0),
            Number(Variable(environment, "CRYPTTAB_OPTION_tries="u8), PasswordQuestion.UsualTries));
    }

    private static string? Variable(ReadOnlySpan<byte> environment, ReadOnlySpan<byte> name)
    {
        while (!environment.IsEmpty)
        {
            var end = environment.IndexOf((byte)0);
            var variable = end < 0 ? environment : environment[..end];
            if (variable.StartsWith(name))
                return Encoding.UTF8.GetString(variable[name.Length..]);
            environment = end < 0 ? [] : environment[(end + 1)..];
        }

        return null;
    }

    private static int Number(string? text, int otherwise) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : otherwise;

    private string FileOf(int id, string name) => string.Concat(_processes, id.ToString(CultureInfo.InvariantCulture), name);
}
