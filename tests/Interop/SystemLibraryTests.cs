using System.Runtime.InteropServices;

namespace Mandos.Interop;

/// <summary>The unit suites of what leans on libraries of the system, with those of Debian 13: SQLite and libsystemd.</summary>
public sealed class SystemLibraryTests : InteropTest
{
    private const string Checkout = "/srv/checkout", Runtime = "/srv/dotnet";

    [Theory]
    [InlineData("Mandos.Server.Tests", "Mandos.Server.Tests.Store.*")]
    [InlineData("Mandos.Server.Tests", "Mandos.Server.Tests.Bus.*")]
    [InlineData("Mandos.Bus.Tests", "Mandos.Bus.Tests.*")]
    public async Task The_unit_suites_pass_with_the_libraries_of_Debian_13(string suite, string classes)
    {
        var machine = await Lab.MachineAsync("libraries", await BusChroot.GetAsync(DebianRelease.Trixie, Token));
        var version = await machine.ShellAsync("python3 -c 'import sqlite3; print(sqlite3.sqlite_version)'", Token);
        Assert.True(Version.Parse(version.Trim()) >= new Version(3, 46), version);
        var program = $"tests/{suite}/bin/Debug/net10.0";
        await CopyAsync(machine, Path.Combine(Golden.Root, program), $"{Checkout}/{program}");
        await CopyAsync(machine, Path.Combine(Golden.Root, "tests/golden"), $"{Checkout}/tests/golden");
        foreach (var file in Directory.GetFiles(Golden.Root, "*.sln"))
            machine.WriteFile($"{Checkout}/{Path.GetFileName(file)}", await File.ReadAllBytesAsync(file, Token));
        // Where the runtime lies that runs this.
        var framework = Path.TrimEndingDirectorySeparator(RuntimeEnvironment.GetRuntimeDirectory());
        var runtime = Path.GetFullPath(Path.Combine(framework, "../../.."));
        await CopyAsync(machine, framework, $"{Runtime}/{Path.GetRelativePath(runtime, framework)}");
        await CopyAsync(machine, Path.Combine(runtime, "host"), $"{Runtime}/host");

        var options = new ProcessOptions
        {
            Environment = new Dictionary<string, string> { ["DOTNET_ROOT"] = Runtime, ["DOTNET_SYSTEM_GLOBALIZATION_INVARIANT"] = "1" },
        };
        var done = await machine.RunAsync(options, TimeSpan.FromMinutes(10), Token, $"{Checkout}/{program}/{suite}", "-noLogo", "-noColor", "-class", classes);
        Assert.True(done.ExitCode == 0, done.Text);
        Assert.Matches("Total: [1-9][0-9]*, Errors: 0, Failed: 0", done.Text);
    }

    private async Task CopyAsync(Machine machine, string from, string to)
    {
        await machine.ShellAsync($"mkdir -p {to}", Token);
        await Lab.ShellOnHostAsync($"cp -r '{from}/.' '{machine.HostPath(to)}/'");
    }
}
