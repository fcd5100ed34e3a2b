using System.Text;

namespace Mandos.Bench;

/// <summary>
/// The methods of the boot executable that real runs call, in the order of their first call. Laid out in this order they
/// lie side by side, and a run maps few pages of the file.
/// </summary>
internal static class MethodOrder
{
    private const UnixFileMode Executable = (UnixFileMode)0b111_101_101;

    /// <summary>Runs the program in each of the ways that matter.</summary>
    /// <param name="laboratory">Where the machines are.</param>
    /// <param name="folder">
    /// Holds <c>mandos-client</c> with its symbols, <c>symbols</c> and <c>first-calls</c>; see scripts/method-order.sh.
    /// </param>
    public static async Task<IReadOnlyList<string>> OfAsync(Laboratory laboratory, string folder)
    {
        var bench = new Bench(laboratory);
        await bench.StartAsync();
        await bench.SetInterfaceAsync(up: true);
        foreach (var file in new[] { "mandos-client", "symbols", "first-calls" })
            bench.Client.WriteFile($"/srv/{file}", await File.ReadAllBytesAsync(Path.Combine(folder, file), laboratory.Token), Executable);
        var order = new List<string>();
        foreach (var keys in new[] { "curve", "rsa" })
        {
            foreach (var route in new[] { $"--connect={Bench.ServerIPv4}:{Bench.Port}", "--interface=eth0" })
            {
                var done = await bench.Client.RunAsync(
                    new(), TimeSpan.FromSeconds(60), laboratory.Token, "/srv/first-calls",
                    ["/srv/symbols", "/srv/calls", "/srv/mandos-client", .. Bench.KeyOptions(keys), route]);
                done.OrThrow();
                order.AddRange(
                    Encoding.UTF8.GetString(bench.Client.ReadFile("/srv/calls")).Split('\n', StringSplitOptions.RemoveEmptyEntries));
            }
        }

        return [.. order.Distinct()];
    }
}
