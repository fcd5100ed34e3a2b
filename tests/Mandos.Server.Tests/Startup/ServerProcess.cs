using System.Diagnostics;
using Mandos.Server.Tests.ClientFiles;

namespace Mandos.Server.Tests.Startup;

/// <summary>The program as a process, in a network and with a /run and /dev/log of its own. Needs root for that.</summary>
[Trait("needs", "root")]
public abstract class ServerProcess : IDisposable
{
    /// <summary>What the secret of client [a] is.</summary>
    protected const string Secret = "-----BEGIN PGP MESSAGE-----\n\nwQED0gEB\n-----END PGP MESSAGE-----\n";

    /// <summary>Makes a configuration with one client.</summary>
    protected ServerProcess()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "needs root: it makes namespaces");
        // Where the server's own user can read it, wherever the checkout lies.
        File.SetUnixFileMode(Folder, (UnixFileMode)Convert.ToInt32("755", 8));
        foreach (var file in Directory.GetFiles(AppContext.BaseDirectory))
            File.Copy(file, Path.Combine(Folder, Path.GetFileName(file)));
        Write("mandos.conf", "[DEFAULT]\nport = 4711\nzeroconf = no\nuse_dbus = no\n");
        Write(
            "clients.conf",
            $"[DEFAULT]\n# No check within a test.\ninterval = P1000D\nchecker = sleep 1\n[a]\nkey_id = {ClientFile.Key}\nsecfile = "
                + $"{Folder}/secret\n");
        File.SetUnixFileMode(Path.Combine(Folder, "clients.conf"), UnixFileMode.UserRead | UnixFileMode.UserWrite);
        Write("secret", Secret);
        File.SetUnixFileMode(Path.Combine(Folder, "secret"), UnixFileMode.UserRead);
    }

    /// <summary>The program and its configuration; where scripts run.</summary>
    protected string Folder { get; } = Directory.CreateTempSubdirectory("mandos").FullName;

    /// <inheritdoc />
    public void Dispose()
    {
        Directory.Delete(Folder, recursive: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Writes a file of the configuration.</summary>
    protected void Write(string name, string text) => File.WriteAllText(Path.Combine(Folder, name), text);

    /// <summary>Runs a script to its end; <c>$mandos</c> is the program with the test's configuration.</summary>
    protected async Task<string> RunAsync(string script)
    {
        using var bash = Start(script, "--net");
        var output = bash.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var error = await bash.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await bash.WaitForExitAsync(TestContext.Current.CancellationToken);
        return await output + error;
    }

    /// <summary>Starts a script in namespaces of its own.</summary>
    /// <param name="script">The same as for <see cref="RunAsync"/>.</param>
    /// <param name="more">Options of unshare(1), for other namespaces.</param>
    private protected Process Start(string script, params IEnumerable<string> more)
    {
        var prologue = $$"""
            set -u
            mount -t tmpfs none /run
            test ! -e /dev/log || mount --bind /dev/null /dev/log
            ip link set lo up
            cd {{Folder}}
            mandos="./mandos --configdir {{Folder}} --statedir /run/state"
            user() { sed -n 's/^\(Uid\|Groups\):\s*//p' /proc/$1/status | tr '\t\n' '  '; }
            wait_for() { for i in $(seq 3600); do grep -qs "$1" log && return; sleep 0.05; done; echo "never: $1"; }
            """;
        // Under nohup(1) every program ignores SIGHUP.
        return Process.Start(new ProcessStartInfo(
            "env",
            ["--default-signal=HUP", "unshare", .. more, "--mount", "--propagation", "private", "bash", "-c", prologue + "\n" + script])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            // The user that it becomes could not take the sockets for diagnostics away again.
            Environment = { ["DOTNET_gcServer"] = "0", ["DOTNET_EnableDiagnostics"] = "0", ["JOURNAL_STREAM"] = null },
        })!;
    }
}
