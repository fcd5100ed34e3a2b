using Mandos.Client.CommandLine;
using Mandos.Client.ProcessBoundary;
using Mandos.Core.Linux;
using Mandos.Core.Linux.FileDescriptors;
using Mandos.Core.Linux.Files;
using Mandos.Core.Linux.Privileges;
using Mandos.Core.Linux.Processes;

namespace Mandos.Client.Supervision;

/// <summary>
/// The four key files, open for reading. The supervisor opens them but never reads them: it passes the descriptors to the network process,
/// which could not open the files itself.
/// </summary>
internal sealed class KeyFiles : IDisposable
{
    /// <summary>What to do if a key file does not exist.</summary>
    internal const string Hint =
        "keys are made by mandos-keygen(8); set their paths with --pubkey, --seckey, --tls-pubkey and --tls-privkey";

    private static readonly TimeSpan FifoPatience = TimeSpan.FromSeconds(1);

    private readonly List<Descriptor> _files = [];

    private KeyFiles()
    {
    }

    /// <summary>The descriptors, under their numbers in the network process.</summary>
    internal IEnumerable<InheritedDescriptor> Descriptors =>
        _files.Select((file, i) => new InheritedDescriptor(file.Number, ProcessDescriptor.OpenPgpPublicKey + i));

    /// <summary>Rewinds the files; false if one cannot be read twice (a pipe).</summary>
    internal bool Rewind() => _files.TrueForAll(file => file.Rewind().Ok);

    /// <summary>Opens the files; null with an error that names the file, and the system's error, if there is one.</summary>
    internal static KeyFiles? Open(KeyPaths paths, out Errno problem, out string error)
    {
        var files = new KeyFiles();
        error = "";
        problem = Errno.None;
        foreach (var (path, what) in new[]
        {
            (paths.OpenPgpPublic, "OpenPGP public key"),
            (paths.OpenPgpSecret, "OpenPGP secret key"),
            (paths.TlsPublic, "TLS public key"),
            (paths.TlsPrivate, "TLS private key"),
        })
        {
            var reason = OpenOne(path, KeyPaths.IsOfImage(path), out var file, out problem);
            files._files.Add(file);
            if (reason is null)
                continue;
            error = $"cannot open the {what} \"{path}\": {reason}";
            files.Dispose();
            return null;
        }

        return files;
    }

    /// <inheritdoc />
    public void Dispose()
    {
        foreach (var file in _files)
            file.Dispose();
    }

    /// <summary>
    /// Opens a file. With a set-user-ID bit, files are opened with the permissions of the user who started the program; otherwise any user
    /// could open any file. The keys of the image are an exception: they may belong to root.
    /// </summary>
    private static string? OpenOne(string path, bool ofTheImage, out Descriptor file, out Errno error)
    {
        var (real, effective) = (Credentials.RealUser, Credentials.EffectiveUser);
        if (real == effective)
            return InputFile.Open(path, FifoPatience, out file, out error);
        error = Credentials.ActAs(real);
        if (!error.Ok)
        {
            file = new Descriptor(-1);
            return error.ToString();
        }

        var problem = InputFile.Open(path, FifoPatience, out file, out error);
        var back = Credentials.ActAs(effective);
        if (!back.Ok)
        {
            error = back;
            return error.ToString();
        }

        return !error.Ok && ofTheImage ? InputFile.Open(path, FifoPatience, out file, out error) : problem;
    }
}
