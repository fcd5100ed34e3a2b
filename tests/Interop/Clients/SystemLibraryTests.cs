using System.Runtime.InteropServices;
using Mandos.Interop.Drills;
using Mandos.Server.Store;

namespace Mandos.Interop.Clients;

/// <summary>
/// What uses libraries of the system, SQLite and libsystemd, with those of Debian 13: the unit suites in the Release build, with
/// the switches of the published programs, and the published server itself.
/// </summary>
public sealed class SystemLibraryTests : InteropTest
{
    private const string Checkout = "/srv/checkout", Runtime = "/srv/dotnet";

    /// <summary>Its SQLite, at least.</summary>
    private static readonly Version TrixieVersion = new(3, 46);

    [Theory]
    [InlineData("Mandos.Server.Tests")]
    [InlineData("Mandos.Bus.Tests")]
    public async Task The_unit_suites_of_the_release_build_pass_with_the_libraries_of_Debian_13(string suite)
    {
        var machine = await MachineAsync();
        var program = $"tests/{suite}/bin/Release/net10.0";
        var built = Path.Combine(Golden.Root, program);
        Assert.True(File.Exists(Path.Combine(built, suite)), $"{program} is not built: run 'make release-suites'");
        Assert.Contains(
            "\"System.Resources.UseSystemResourceKeys\": true",
            await File.ReadAllTextAsync(Path.Combine(built, $"{suite}.runtimeconfig.json"), Token), StringComparison.Ordinal);
        // Some tests read documents and scripts of the checkout.
        await machine.ShellAsync($"mkdir -p {Checkout}", Token);
        await Lab.ShellOnHostAsync(
            $"tar -C '{Golden.Root}' --exclude=./.git --exclude=./artifacts --exclude=bin --exclude=obj -c . | tar -C "
                + $"'{machine.HostPath(Checkout)}' -x --no-same-owner");
        await CopyAsync(machine, built, $"{Checkout}/{program}");
        // Where the runtime lies that runs this.
        var framework = Path.TrimEndingDirectorySeparator(RuntimeEnvironment.GetRuntimeDirectory());
        var runtime = Path.GetFullPath(Path.Combine(framework, "../../.."));
        await CopyAsync(machine, framework, $"{Runtime}/{Path.GetRelativePath(runtime, framework)}");
        await CopyAsync(machine, Path.Combine(runtime, "host"), $"{Runtime}/host");

        var options = new ProcessOptions
        {
            Environment = new Dictionary<string, string> { ["DOTNET_ROOT"] = Runtime, ["DOTNET_SYSTEM_GLOBALIZATION_INVARIANT"] = "1" },
        };
        var done = await machine.RunAsync(options, TimeSpan.FromMinutes(10), Token, $"{Checkout}/{program}/{suite}", "-noLogo", "-noColor");
        Assert.True(done.ExitCode == 0, done.Text);
        Assert.Matches("Total: [1-9][0-9]*, Errors: 0, Failed: 0", done.Text);
    }

    /// <summary>
    /// SQLite 3.40 and 3.46. The other tests that stop, kill and damage the published server (ServerDrillTests) run on Debian 13.
    /// </summary>
    [Fact]
    public async Task The_published_server_keeps_its_state_from_Debian_12_to_13_and_back()
    {
        const string clients =
            """
            [DEFAULT]
            checker = true
            secret = c2VjcmV0
            [a]
            key_id = d99df7b54a7ed79e5e57cdd9c0461686b1f30e43c8edc1f4d248eceb49fcfb23
            [b]
            key_id = 0000f7b54a7ed79e5e57cdd9c0461686b1f30e43c8edc1f4d248eceb49fcfb23

            """;
        await using var debian12 = await DrillSite.MakeAsync(Lab, clients, release: DebianRelease.Bookworm);
        await using var debian13 = await DrillSite.MakeAsync(Lab, clients);
        Assert.True(await SqliteAsync(debian12.Machine) < TrixieVersion && await SqliteAsync(debian13.Machine) >= TrixieVersion);
        await debian12.ServeAsync();
        await debian12.SetAsync("a", "Enabled", false);
        // The change is in the write-ahead log alone.
        await debian12.KillAsync();

        await MoveAsync(debian12, debian13);
        await debian13.ServeAsync();
        await debian13.SetAsync("b", "Host", "changed");
        await AssertStateAsync(debian13);
        await debian13.KillAsync();
        await debian13.ServeAsync();
        await AssertStateAsync(debian13);
        Assert.Equal(0, await debian13.StopAsync());
        var version = StoreSchema.Current.Version;
        Assert.Equal($"ok {version}", await AskAsync(debian13, "PRAGMA integrity_check", "PRAGMA user_version"));

        await MoveAsync(debian13, debian12);
        await debian12.ServeAsync();
        await AssertStateAsync(debian12);

        // What a later version of the tables would be.
        await AskAsync(debian13, $"PRAGMA user_version = {version + 1}");
        var before = debian13.Files();
        Assert.Contains(
            $"was written by a newer server: its version is {version + 1}", DrillSite.ErrorOf(await debian13.RefuseAsync()),
            StringComparison.Ordinal);
        Assert.Equal(before, debian13.Files());

        static async Task AssertStateAsync(DrillSite site)
        {
            var now = await site.ClientsAsync();
            Assert.Equal((false, true, "changed"), (now["a"]["Enabled"], now["b"]["Enabled"], now["b"]["Host"]));
        }
    }

    private async Task<Version> SqliteAsync(Machine machine) =>
        Version.Parse((await machine.ShellAsync("python3 -c 'import sqlite3; print(sqlite3.sqlite_version)'", Token)).Trim());

    private async Task MoveAsync(DrillSite from, DrillSite to)
    {
        await to.Machine.ShellAsync($"rm -rf {DrillSite.State}/*", Token);
        foreach (var (name, content) in from.Files())
            to.Machine.WriteFile($"{DrillSite.State}/{name}", content);
        await to.Machine.ShellAsync($"chown -R _mandos: {DrillSite.State}", Token);
    }

    private async Task<string> AskAsync(DrillSite site, params string[] questions)
    {
        var calls = string.Concat(questions.Select(q => $"r = c.execute('{q}').fetchone(); r and print(r[0])\n"));
        site.Machine.WriteFile(
            "/root/ask.py", $"import sqlite3\nc = sqlite3.connect('{DrillSite.State}/clients.sqlite', isolation_level=None)\n{calls}");
        return (await site.Machine.ShellAsync("python3 /root/ask.py", Token)).Trim().ReplaceLineEndings(" ");
    }

    private async Task<Machine> MachineAsync()
    {
        var machine = await Lab.MachineAsync("libraries", await BusChroot.GetAsync(DebianRelease.Trixie, Token));
        Assert.True(await SqliteAsync(machine) >= TrixieVersion);
        return machine;
    }

    private async Task CopyAsync(Machine machine, string from, string to)
    {
        await machine.ShellAsync($"mkdir -p {to}", Token);
        await Lab.ShellOnHostAsync($"cp -r '{from}/.' '{machine.HostPath(to)}/'");
    }
}
