using System.Text;

namespace Mandos.Interop.Drills;

/// <summary>Files that are not what was written.</summary>
public sealed partial class ServerDrillTests
{
    [Theory]
    [InlineData("SQLite format 3", true)]
    [InlineData("SQLite format 3", false)]
    // The host of a client, in a row.
    [InlineData("changed", false)]
    public async Task A_damaged_store_is_refused_and_left_unchanged_and_the_printed_hint_works(string where, bool wasKilled)
    {
        await using var site = await ServedAsync();
        await EndAsync(site, wasKilled);
        var store = site.Files()["clients.sqlite"];
        var at = store.AsSpan().IndexOf(Encoding.ASCII.GetBytes(where));
        Assert.True(at >= 0, $"no {where} in the store");
        Flip(site, "clients.sqlite", at + 3, 0x01);
        var damaged = site.Files();
        // After a clean stop, its state is there for the original too, and for us.
        var without = wasKilled
            ? "the server then starts with what the configuration says, "
            : $"the server then starts with what {DrillSite.State}/clients.pickle says";
        for (var again = 0; again < 2; again++)
        {
            var refused = await site.RefuseAsync();
            Assert.Equal(1, refused.ExitCode);
            Assert.Matches(
                $@"^mandos: error: {Store} is damaged: .*\nhint: move {Store}-wal away and restore {Store} from a backup, or move both and {DrillSite.State}/clients.last away: {without}.*\n$",
                DrillSite.ErrorOf(refused));
            Assert.Equal(damaged, site.Files());
        }

        await site.Machine.ShellAsync(
            $"mkdir /srv/aside; mv {Store} {DrillSite.State}/clients.last /srv/aside; [ ! -e {Store}-wal ] || mv {Store}-wal /srv/aside",
            Token);
        await site.ServeAsync();
        if (wasKilled)
        {
            var now = await site.ClientsAsync();
            Assert.Equal(
                (true, "configured", true, "configured"),
                (now["off"]["Enabled"], now["off"]["Host"], now["on"]["Enabled"], now["on"]["Host"]));
        }
        else
        {
            await AsItWasAsync(site);
        }

        // A backup leads out as well.
        await site.KillAsync();
        await site.Machine.ShellAsync($"rm -f {DrillSite.State}/clients.*; cp -p /srv/aside/* {DrillSite.State}", Token);
        Flip(site, "clients.sqlite", at + 3, 0x01);
        await site.ServeAsync();
        await AsItWasAsync(site);
    }

    /// <summary>Whatever bit it is: the state is as it was, or the store is refused. Never is it another state.</summary>
    [Theory]
    [InlineData("clients.sqlite", false)]
    [InlineData("clients.sqlite", true)]
    [InlineData("clients.sqlite-wal", true)]
    [InlineData("store.key", false)]
    public async Task A_flipped_bit_never_changes_a_client(string file, bool wasKilled)
    {
        var random = new Random(1);
        await using var site = await ServedAsync();
        await EndAsync(site, wasKilled);
        var whole = site.Files();
        var refusals = 0;
        for (var n = 0; n < 24; n++)
        {
            var at = random.Next(whole[file].Length);
            Flip(site, file, at, (byte)(1 << random.Next(8)));
            var damaged = site.Files();
            try
            {
                await site.ServeAsync();
                await AsItWasAsync(site);
                await site.KillAsync();
            }
            catch (InvalidOperationException e)
            {
                refusals++;
                Assert.Contains("hint: ", e.Message, StringComparison.Ordinal);
                Assert.Equal(damaged, site.Files());
            }
            catch (Xunit.Sdk.XunitException e)
            {
                throw new InvalidOperationException($"byte {at} of {whole[file].Length} of {file}", e);
            }

            await site.Machine.ShellAsync($"rm -f {DrillSite.State}/*", Token);
            foreach (var (name, content) in whole)
                site.Machine.WriteFile($"{DrillSite.State}/{name}", content);
            await site.Machine.ShellAsync($"chown _mandos: {DrillSite.State}/*", Token);
        }

        Assert.True(refusals > 0, "none was noticed");
    }

    private static void Flip(DrillSite site, string name, int at, byte bits)
    {
        using var file = File.Open(site.Machine.HostPath($"{DrillSite.State}/{name}"), FileMode.Open, FileAccess.ReadWrite);
        file.Position = at;
        var value = (byte)(file.ReadByte() ^ bits);
        file.Position = at;
        file.WriteByte(value);
    }
}
