using System.CommandLine;
using Mandos.Client.Hosting;
using Mandos.CommandLine;
using Mandos.Core.Linux.Processes;
using Mandos.Core.Secrets;

namespace Mandos.Client.PasswordCache;

/// <summary>
/// The role <c>password-cache</c>: keeps the password between the questions for several disks if no process keeps running (dracut without
/// systemd). The kernel holds it, so that no file or process is left behind.
/// <code>
///   plugin-runner ─▶ password-cache keep ─▶ cryptsetup       the first disk
///                    password-cache give ─▶ cryptsetup       every other one
///                    password-cache forget                   the disks are open
/// </code>
/// </summary>
internal static class PasswordCacheProgram
{
    internal const string Name = RoleNames.PasswordCache;

    /// <summary>The description of the kernel key.</summary>
    internal const string Key = "mandos:password";

    private const int StandardInput = 0;

    /// <summary>All disks have asked by then; otherwise the password is fetched again.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    /// <summary>Runs to the end. Signals terminate it immediately, by their default action.</summary>
    internal static Task<int> RunAsync(IReadOnlyList<string> arguments)
    {
        var program = new GnuProgram(Name, "Keeps the password between two disks: keep, give or forget.", ExitCode.Usage);
        var what = new Argument<string>("WHAT")
        {
            Description = "keep: from standard input, and print it; give: print it; forget",
            CustomParser = static result => result.Tokens[0].Value,
        };
        program.Command.Arguments.Add(what);
        var parsed = RoleHost.Parse(
            Name, (output, error, out exitCode) => program.Parse(arguments, output, error, out exitCode), out var exitCode);
        return Task.FromResult(parsed is null ? exitCode : Run(parsed.GetValue(what)!, new Messages(Name, debug: false)));
    }

    private static int Run(string what, Messages messages)
    {
        SignalDisposition.IgnoreBrokenPipes();
        switch (what)
        {
            case "keep":
                return Keep(messages);
            case "give":
                using (var password = KernelKey.Read(Key))
                    return password is null ? ExitCode.Failure : PasswordOutput.Print(password, messages);
            case "forget":
                _ = KernelKey.Forget(Key);
                return ExitCode.Success;
            default:
                messages.Error($"'{what}' is not one of keep, give, forget", $"try '{Name} --help'");
                return ExitCode.Usage;
        }
    }

    /// <summary>Keeps the password. If that fails, the password is used nevertheless.</summary>
    private static int Keep(Messages messages)
    {
        using var password = SecretInput.ReadToEnd(StandardInput, PasswordLimits.Largest, out var error);
        if (password is null)
        {
            messages.Error(error.Ok ? $"standard input has {PasswordLimits.Excess()}" : $"cannot read from standard input: {error}");
            return ExitCode.IoError;
        }

        // No password was kept.
        if (password.Length == 0)
            return ExitCode.Failure;
        var kept = KernelKey.Keep(Key, password.Span, Limit);
        if (!kept.Ok)
            messages.Warning($"the kernel does not keep the password for the next disk: {kept}");
        return PasswordOutput.Print(password, messages);
    }
}
