using Mandos.Keygen.Booting;
using Mandos.Keygen.Findings;
using Mandos.Keygen.Images;
using Mandos.Keygen.KeyFiles;

namespace Mandos.Keygen.Doctor;

/// <summary>A rotation of the keys that is not finished. At each moment the server knows the keys in the images.</summary>
internal static class RotationState
{
    private const string Id = "keys.rotation";
    private const string Subject = "machine's keys";

    /// <summary>Whether an image has the keys that a rotation has replaced, and keeps.</summary>
    internal static bool HasPrevious(string directory, InitramfsImage image) =>
        new RotationFolder(directory) is { Phase: RotationPhase.Switched } folder
        && KeyComparison.Others(image, folder.Previous).Count == 0;

    /// <exception cref="Failures.KeygenException">The rotation cannot be read.</exception>
    internal static void Check(Machine machine, string directory, Report report)
    {
        var folder = new RotationFolder(machine.Real(directory));
        if (!folder.Exists)
            return;
        var server = folder.Servers is [var first, ..] ? $" {first}" : " SERVER";
        var booted = machine.Text(RotationFolder.BootIdFile).Trim();
        switch (folder.Phase)
        {
            // Nothing is to be done but the reboot, which may be weeks away.
            case RotationPhase.Switched when folder.BuiltIn is { } built && built == booted:
                report.Ok(
                    Id, Subject,
                    $"the next boot uses the new keys of a rotation; the old ones are kept until 'mandos-keygen rotate{server}' after it");
                break;
            case RotationPhase.Switched when folder.BuiltIn is not null:
                report.Warning(
                    Id, Subject, "this machine has booted since its keys were rotated, and the old ones are still there and valid",
                    $"drop them: 'mandos-keygen rotate{server}'");
                break;
            default:
                report.Warning(
                    Id, Subject, "a rotation of the keys was interrupted; the server knows the old keys and the new ones",
                    $"go on with 'mandos-keygen rotate{server}', or take it back with 'mandos-keygen rotate --abort{server}'");
                break;
        }
    }
}
