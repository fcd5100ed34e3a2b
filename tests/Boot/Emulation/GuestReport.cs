using System.Globalization;

namespace Mandos.Boot.Emulation;

/// <summary>What the init of a guest (guest-init.sh) told from its decrypted root.</summary>
/// <param name="Lines">The lines of the report, without their mark.</param>
/// <param name="Root">When the root was there.</param>
public sealed record GuestReport(IReadOnlyList<string> Lines, Sight Root)
{
    /// <summary>What is on the console when the decrypted root runs.</summary>
    public const string Marker = "GUEST root ";

    /// <summary>From the start of the kernel to the root, by the guest's own clock.</summary>
    public TimeSpan KernelToRoot => TimeSpan.FromSeconds(double.Parse(Of("root").Single(), CultureInfo.InvariantCulture));

    /// <summary>The lines about <paramref name="what"/>.</summary>
    public IEnumerable<string> Of(string what) =>
        Lines.Where(l => l.StartsWith(what + " ", StringComparison.Ordinal)).Select(l => l[(what.Length + 1)..]);

    /// <summary>Waits for the report of a machine; the console is shown if it does not come.</summary>
    public static async Task<GuestReport> WaitAsync(VirtualMachine machine, TimeSpan limit, CancellationToken cancellationToken)
    {
        var root = await machine.Console.WaitForAsync(Marker, limit, cancellationToken);
        await machine.Console.WaitForAsync("GUEST end", limit, cancellationToken, root);
        var lines = machine.Console.Text.Split('\n')
            .Select(l => l.TrimEnd('\r'))
            .Where(l => l.StartsWith("GUEST ", StringComparison.Ordinal));
        return new([.. lines.Select(l => l["GUEST ".Length..])], root);
    }
}
