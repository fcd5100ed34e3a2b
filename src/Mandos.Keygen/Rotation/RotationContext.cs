using Mandos.Keygen.Enrolment;
using Mandos.Keygen.Failures;
using Mandos.Keygen.KeyFiles;
using Mandos.Keygen.Servers;

namespace Mandos.Keygen.Rotation;

/// <summary>What the steps of a rotation have found, beside the state of each enrolment.</summary>
internal sealed class RotationContext(RotationFolder folder)
{
    /// <summary>What the section for the new keys has behind its name until the old one is dropped.</summary>
    public const string Suffix = "-next";

    public RotationFolder Folder => folder;

    /// <summary>Where the new keys are now.</summary>
    public string NewKeys => folder.Phase == RotationPhase.Switched ? folder.Keys : folder.Next;

    /// <summary>Where the old keys are now.</summary>
    public string OldKeys => folder.Phase == RotationPhase.Switched ? folder.Previous : folder.Keys;

    /// <summary>The key ID of the new keys, after the server was looked at.</summary>
    public string NewKeyId { get; set; } = "";

    /// <summary>The key ID of the old keys, after the server was looked at.</summary>
    public string OldKeyId { get; set; } = "";

    /// <summary>The section of the new keys; null without a server, and if there are no new keys.</summary>
    public ServerState? New { get; set; }

    /// <summary>Whether the server sends the password to the new keys.</summary>
    public bool IsTold { get; set; }

    /// <summary>Begins to work on a rotation: completes what a crash left, and keeps other runs away.</summary>
    /// <exception cref="KeygenException">There is no rotation, or another run has it.</exception>
    public void Enter(EnrolmentState state)
    {
        if (state.Options.DryRun || state.Lock is not null)
            return;
        folder.Recover();
        if (!folder.Exists)
            throw new KeygenException(
                $"no rotation of the keys in {folder.Keys} is in progress", "begin one with 'mandos-keygen rotate SERVER'");
        state.Lock = folder.Lock();
    }

    /// <summary>The server, which every step but those of an abort needs.</summary>
    public static string ServerOf(EnrolmentState state) => state.Options.Server ?? "SERVER";
}
