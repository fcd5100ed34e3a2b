using System.Globalization;
using System.Text;

namespace Mandos.Server.Tests.Startup;

/// <summary>What the program keeps locked of many secrets, where little more may be locked than they need once.</summary>
public sealed class LockedMemoryTests : ServerProcess
{
    private const int Clients = 2000, SecretLength = 1000;

    /// <summary>In KiB: secrets that exist twice, in the file and in the state, do not fit.</summary>
    private const int Needed = Clients * SecretLength / 1024, Limit = Needed * 3 / 2;

    [Fact]
    public async Task A_reload_and_a_restart_lock_as_many_secrets_as_the_first_start()
    {
        Write("clients.conf", FileWithTimeout("PT5M"));
        Write("changed.conf", FileWithTimeout("PT6M"));
        var output = await RunAsync($$"""
            chmod -R a+rX .
            chmod go= clients.conf changed.conf; chown 65534 . clients.conf changed.conf
            mkdir -m 777 /run/mandos
            start() {
              prlimit --memlock={{Limit * 1024}}:{{Limit * 1024}} setpriv --reuid=65534 --regid=65534 --clear-groups \
                $mandos --statedir=/run/mandos/state --foreground 2>log & p=$!
              wait_for listens
            }
            tell() { sed -n "s/^VmLck:\s*\([0-9]*\) kB/locked \1/p" /proc/$p/status; }
            start; tell
            mv changed.conf clients.conf; kill -HUP $p; wait_for reloaded.clients; tell
            kill $p; wait $p; echo "exit $?"; grep -v ': changed: Timeout$' log
            start; tell
            kill $p; wait $p; echo "exit $?"; cat log
            """);

        var lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal([
            "exit 0",
            $"mandos: info: version 0.1.0 listens on [::]:4711 for {Clients} clients, {Clients} enabled",
            $"mandos: info: reloaded clients (mandos.conf is not reloaded): {Clients} clients, {Clients} changed, added or removed",
            "mandos: info: stopped",
            "exit 0",
            $"mandos: info: version 0.1.0 listens on [::]:4711 for {Clients} clients, {Clients} enabled",
            "mandos: info: stopped",
        ], lines.Where(line => !line.StartsWith("locked ", StringComparison.Ordinal)));
        var locked = lines.Where(line => line.StartsWith("locked ", StringComparison.Ordinal))
            .Select(line => int.Parse(line.Split(' ')[1], CultureInfo.InvariantCulture)).ToList();
        Assert.Equal(3, locked.Count);
        Assert.All(locked, kibibytes => Assert.InRange(kibibytes, Needed, Limit));
    }

    private static string FileWithTimeout(string timeout)
    {
        var text = new StringBuilder($"[DEFAULT]\n# No check within a test.\ninterval = P1000D\nchecker = sleep 1\ntimeout = {timeout}\n");
        for (var i = 0; i < Clients; i++)
        {
            // What looks like an OpenPGP message: a session key, and 994 encrypted bytes.
            byte[] secret = [0xC1, 1, 3, 0xD2, 0xC3, 0x22, 1, .. Encoding.ASCII.GetBytes($"{i:D993}")];
            text.Append(CultureInfo.InvariantCulture, $"[machine{i}]\nkey_id = {i + 1:x64}\nsecret = {Convert.ToBase64String(secret)}\n");
        }

        return text.ToString();
    }
}
