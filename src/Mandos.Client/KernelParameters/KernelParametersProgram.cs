using System.CommandLine;
using System.Text;
using Mandos.Client.Hosting;
using Mandos.CommandLine;

namespace Mandos.Client.KernelParameters;

/// <summary>
/// The role <c>kernel-parameters</c>: tells the scripts of an initramfs what the kernel command line says to them, in lines that a
/// shell reads without taking them apart:
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
    internal const string Name = RoleNames.KernelParameters;

    /// <summary>The kernel's own limit (COMMAND_LINE_SIZE) is 4 KiB on most machines.</summary>
    private const int LongestCommandLine = 64 * 1024;

    private const string CommandLine = "/proc/cmdline";

    /// <summary>Runs to the end.</summary>
    internal static Task<int> RunAsync(IReadOnlyList<string> arguments)
    {
        var program = new GnuProgram(
            Name, "Prints what mandos= on the kernel command line says, for the scripts of an initramfs.", ExitCode.Usage);
        var values = new Argument<string[]>("VALUE")
        {
            Arity = ArgumentArity.ZeroOrMore,
            Description = "A value of mandos=; default: those in /proc/cmdline",
            CustomParser = static result => [.. result.Tokens.Select(token => token.Value)],
        };
        program.Command.Arguments.Add(values);
        var parsed = RoleHost.Parse(Name, (output, error, out code) => program.Parse(arguments, output, error, out code), out var exitCode);
        return Task.FromResult(parsed is null ? exitCode : Print(parsed.GetValue(values) ?? []));
    }

    private static int Print(string[] values)
    {
        BootParameters parameters;
        try
        {
            parameters = values.Length > 0 ? BootParameters.OfValues(values) : BootParameters.OfCommandLine(ReadCommandLine());
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            new Messages(Name, debug: false).Error($"cannot read {CommandLine}: {e.Message}");
            return ExitCode.IoError;
        }

        new Messages(Name, debug: false, PasswordOutput.Descriptor).Write(Lines(parameters));
        return ExitCode.Success;
    }

    /// <summary>What is printed.</summary>
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

    private static string ReadCommandLine()
    {
        using var file = new FileStream(CommandLine, FileMode.Open, FileAccess.Read);
        var bytes = new byte[LongestCommandLine];
        return Encoding.UTF8.GetString(bytes.AsSpan(0, file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false)));
    }
}
