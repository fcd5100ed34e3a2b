using System.Text;
using Mandos.Client.Hosting;
using Mandos.Core.Linux.Files;

namespace Mandos.Client.KernelParameters;

/// <summary>
/// The role <c>kernel-parameters</c>: prints what the kernel command line means for the initramfs scripts, in lines that a shell can read
/// without parsing:
/// <code>
///   off                 the password is typed
///   network             the network is to be configured
///   disk                cryptopts= names a disk
///   option OPTION       for mandos-client
///   warning TEXT        for the console
/// </code>
/// </summary>
internal static class KernelParametersProgram
{
    private const string Name = RoleNames.KernelParameters;

    /// <summary>The size limit; the kernel's own (COMMAND_LINE_SIZE) is 4 KiB or less on most machines.</summary>
    private const int LongestCommandLine = 64 * 1024;

    private const string CommandLine = "/proc/cmdline";

    /// <summary>
    /// Runs to the end. Only scripts call it, with valid arguments: values of <c>mandos=</c>, or none to use /proc/cmdline.
    /// </summary>
    internal static Task<int> RunAsync(IReadOnlyList<string> arguments) => Task.FromResult(Print(arguments));

    private static int Print(IReadOnlyList<string> values)
    {
        byte[] commandLine = [];
        if (values.Count == 0 && SmallFile.TryRead(CommandLine, LongestCommandLine, out commandLine, out var error) != SmallFileResult.Read)
        {
            new Messages(Name, debug: false).Error($"cannot read {CommandLine}: {error}");
            return ExitCode.IoError;
        }

        var parameters = values.Count > 0
            ? BootParameters.OfValues(values)
            : BootParameters.OfCommandLine(Encoding.UTF8.GetString(commandLine));
        new Messages(Name, debug: false, PasswordOutput.Descriptor).Write(Lines(parameters));
        return ExitCode.Success;
    }

    /// <summary>Returns the lines to print.</summary>
    internal static string Lines(BootParameters parameters)
    {
        var lines = new StringBuilder();
        if (parameters.IsOff)
            return "off\n";
        if (parameters.WantsNetwork)
            lines.Append("network\n");
        if (parameters.NamesDisk)
            lines.Append("disk\n");
        foreach (var option in parameters.ClientOptions)
            lines.Append("option ").Append(option).Append('\n');
        foreach (var warning in parameters.Warnings)
            lines.Append("warning ").Append(warning).Append('\n');
        return lines.ToString();
    }
}
