using System.Globalization;

namespace Mandos.Client.Network;

/// <summary>
/// Gives udev the time to rename an interface that just appeared: older kernels (before 6.2) refuse to rename one that is
/// up, and whatever is configured for the final name would then not find it. udev keeps a file for each device it has
/// dealt with; where udev does not run, or takes too long, nothing is waited for.
/// </summary>
internal sealed class DeviceNaming(string udevDirectory, TimeProvider time)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(1);
    private readonly Dictionary<int, long> _appeared = [];

    /// <summary>Call it for interfaces that were not there at the start.</summary>
    public void Appeared(int interfaceIndex) => _appeared.TryAdd(interfaceIndex, time.GetTimestamp());

    /// <summary>Call it when an interface is gone.</summary>
    public void Forget(int interfaceIndex) => _appeared.Remove(interfaceIndex);

    /// <summary>True as long as the interface should not be brought up yet.</summary>
    public bool IsPending(int interfaceIndex) =>
        _appeared.TryGetValue(interfaceIndex, out var since)
        && time.GetElapsedTime(since) < Limit
        && File.Exists(Path.Combine(udevDirectory, "control"))
        && !File.Exists(Path.Combine(udevDirectory, "data", string.Create(CultureInfo.InvariantCulture, $"n{interfaceIndex}")));
}
