using Mandos.Keygen.Actions;
using Mandos.Keygen.Booting;
using Mandos.Keygen.Failures;
using Mandos.Keygen.Findings;
using Mandos.Keygen.Hosting;
using Mandos.Keygen.Images;
using Mandos.Keygen.Inspection;
using Mandos.Keygen.KeyFiles;

namespace Mandos.Keygen.Doctor;

/// <summary>The keys of the machine: whether they can be used, and whether the image has the same.</summary>
internal sealed class MachineKeys(Machine machine, KeygenEnvironment environment)
{
    private const string Subject = "machine's keys";

    private readonly string _directory = Choose(machine);

    /// <exception cref="KeygenException">The keys cannot be read.</exception>
    internal void Check(InitramfsImage? image, Report report)
    {
        var before = report.Findings.Count;
        if (machine.IsDirectory(_directory))
            CheckFiles(report);
        else
            report.Error(
                "keys.none", Subject, $"this machine has no keys: {_directory} does not exist",
                "run 'mandos-keygen' as root, put what 'mandos-keygen --password' prints into clients.conf of the server, and build the "
                    + "image again");
        var isSame = image is not null && ClientPrograms.IsIn(image) && CheckImage(image, report);
        if (!report.HasProblemSince(before))
            report.Ok(
                "keys.machine", Subject, $"the keys in {_directory} can be used{(isSame ? ", and the image has the same" : "")}");
        RotationState.Check(machine, _directory, report);
    }

    // As the hooks of the image builders choose it.
    private static string Choose(Machine machine) =>
        new[] { KeyDirectory.Default, KeyDirectory.Older }.FirstOrDefault(
            directory => machine.IsFile($"{directory}/{KeyDirectory.TlsPrivateKey}")
                || machine.IsFile($"{directory}/{KeyDirectory.SecretKey}"))
        ?? KeyDirectory.Default;

    private void CheckFiles(Report report)
    {
        var check = new KeyCheck(machine.Real(_directory), null, environment);
        check.Examine();
        foreach (var fault in check.Faults)
            report.Error("keys.unusable", Subject, fault.Message, fault.Hint ?? "run 'mandos-keygen --check'");
        foreach (var warning in check.Warnings)
            report.Warning("keys.warning", Subject, warning, "run 'mandos-keygen --force' when the password changes the next time");
        foreach (var name in new[] { KeyDirectory.SecretKey, KeyDirectory.TlsPrivateKey })
            CheckMode($"{_directory}/{name}", report);
    }

    private void CheckMode(string path, Report report)
    {
        const UnixFileMode others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;
        if (machine.IsFile(path) && (File.GetUnixFileMode(machine.Real(path)) & others) != 0)
            report.Warning("keys.mode", Subject, $"other users can use the secret key {path}", $"run 'chmod 600 {path}'");
    }

    /// <summary>Whether the image has the same keys.</summary>
    private bool CheckImage(InitramfsImage image, Report report)
    {
        var others = KeyComparison.Others(image, machine.Real(_directory));
        // Between a rotation's new keys and the next image, the server knows both; RotationState reports that.
        if (others.Count > 0 && !RotationState.HasPrevious(machine.Real(_directory), image))
            report.Error(
                "keys.differ", Subject,
                $"the image has other keys than {_directory} ({string.Join(", ", others)}): it was built before they were changed",
                $"{Rebuilding.Of(image)}; the server needs the section that 'mandos-keygen --password' prints for the keys in "
                    + _directory);
        return others.Count == 0;
    }
}
