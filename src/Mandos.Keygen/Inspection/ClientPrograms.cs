using Mandos.Keygen.Findings;
using Mandos.Keygen.Images;

namespace Mandos.Keygen.Inspection;

/// <summary>The boot executable in an image, and its other names.</summary>
internal static class ClientPrograms
{
    private const string Subject = "client";
    private const string Reinstall = "reinstall the package mandos-client-dotnet, which builds the image again";

    private static readonly byte[] Elf = [0x7f, .. "ELF"u8];

    /// <summary>The path of the boot executable.</summary>
    internal static string Executable(InitramfsImage image) =>
        image.Builder == ImageBuilder.Dracut ? "lib/mandos/mandos-client" : "lib/mandos/plugins.d/mandos-client";

    /// <summary>Whether the image contains the client at all.</summary>
    internal static bool IsIn(InitramfsImage image) => image.Find(Executable(image)) is { IsFile: true };

    /// <summary>Checks the programs; false if the image does not contain the client, so that its other files do not matter.</summary>
    internal static bool Check(InitramfsImage image, Report report)
    {
        var path = Executable(image);
        if (image.Find(path) is not { IsFile: true } program)
        {
            report.Error(
                "client.missing", Subject, $"the image does not contain the Mandos client (/{path})",
                $"build the image again and read the warnings of the hook mandos: {Rebuilding.Any}");
            return false;
        }

        var before = report.Findings.Count;
        if (!program.IsExecutable)
            report.Error("client.mode", Subject, $"/{path} cannot be executed (mode {program.Permissions})", Reinstall);
        if (program.HasPrivilegeBits)
            report.Warning("client.set-uid", Subject, $"/{path} is set-uid or set-gid (mode {program.Permissions})", Reinstall);
        if (!program.Magic.AsSpan().SequenceEqual(Elf) && !program.Magic.AsSpan().StartsWith("#!"u8))
            report.Error("client.damaged", Subject, $"/{path} is not a program", Reinstall);
        foreach (var name in OtherNames(image))
        {
            if (image.Find($"lib/mandos/{name}") is not { IsExecutable: true })
                report.Error("client.link", Subject, $"/lib/mandos/{name} is missing or cannot be executed", Reinstall);
        }

        if (!report.HasProblemSince(before))
            report.Ok("client", Subject, "the client and its other names are in the image");
        return true;
    }

    private static string[] OtherNames(InitramfsImage image) => image.Builder != ImageBuilder.Dracut
        ? ["plugin-runner", "mandos-to-cryptroot-unlock", "kernel-parameters"]
        : image.HasSystemd
            ? ["password-agent"]
            : ["plugin-runner", "plugins.d/mandos-client"];
}
