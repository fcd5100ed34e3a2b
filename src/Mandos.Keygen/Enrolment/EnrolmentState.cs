using Mandos.Core.Secrets;
using Mandos.Keygen.Disks;
using Mandos.Keygen.Failures;
using Mandos.Keygen.Passwords;
using Mandos.Keygen.Servers;

namespace Mandos.Keygen.Enrolment;

/// <summary>What the steps of one run have found, for those that follow. It owns the passphrases.</summary>
internal sealed class EnrolmentState(EnrolmentOptions options, EnrolmentPorts ports) : IDisposable
{
    public EnrolmentOptions Options => options;

    public EnrolmentPorts Ports => ports;

    public Cryptsetup Cryptsetup { get; } = new(ports.Programs);

    public DeviceSlots Slots => new(Cryptsetup, options.Directory);

    /// <summary>The devices, after the step that finds them.</summary>
    public IReadOnlyList<BootDisk> Disks { get; set; } = [];

    /// <summary>What is on the server, after the step that looks; null without one.</summary>
    public ServerState? Server { get; set; }

    /// <summary>The directory of the keys that the section on the server is for.</summary>
    public string SectionKeys { get; set; } = options.Directory;

    /// <summary>What keeps other runs away.</summary>
    public IDisposable? Lock { get; set; }

    /// <summary>A passphrase that opens all devices.</summary>
    public SecretBuffer? Existing { get; set; }

    /// <summary>The passphrase for the section, if it is another one: that of the new key slot.</summary>
    public SecretBuffer? Added { get; set; }

    /// <summary>Whether the section on the server has <see cref="Existing"/>.</summary>
    public bool IsOnServer { get; set; }

    /// <summary>Whether the section on the server has a password that opens all devices.</summary>
    public bool ServerWorks { get; set; }

    /// <summary>Whether a section that works was replaced in this run.</summary>
    public bool HasReplacedWorking { get; set; }

    /// <summary>The key ID of the client.</summary>
    /// <exception cref="KeygenException">There is no key.</exception>
    public string ReadKeyId() => ReadKeyId(options.Directory);

    /// <summary>The key ID of the client with the keys of a directory.</summary>
    /// <exception cref="KeygenException">There is no key.</exception>
    public static string ReadKeyId(string directory)
    {
        var id = StoredTlsKey.ReadKeyId(directory, out var warning);
        return warning is null ? id!.Value.ToString() : throw new KeygenException(warning, "make new keys: mandos-keygen --force");
    }

    /// <summary>The name of the client.</summary>
    /// <exception cref="KeygenException">It cannot be used.</exception>
    public async Task<string> ClientNameAsync(CancellationToken cancellationToken) =>
        ClientName.Check(options.Name ?? await ports.HostName(cancellationToken).ConfigureAwait(false));

    public void Dispose()
    {
        Existing?.Dispose();
        Added?.Dispose();
        Lock?.Dispose();
    }
}
