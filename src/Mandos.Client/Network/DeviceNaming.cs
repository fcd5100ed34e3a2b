using System.Globalization;

namespace Mandos.Client.Network;

/// <summary>
/// Gives udev time to rename a new interface: kernels before 6.2 refuse to rename one that is up, and configuration for the final name
/// would then not apply. udev keeps a file for each device that it has processed; if udev is not running or takes too long, there is no
/// wait.
/// </summary>
internal sealed class DeviceNaming(string udevDirectory, TimeProvider time)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(1);
    private readonly Dictionary<int, long> _appeared = [];

    /// <summary>Called for interfaces that did not exist at the start.</summary>
    public void Appeared(int interfaceIndex) => _appeared.TryAdd(interfaceIndex, time.GetTimestamp());

    /// <summary>Called when an interface has disappeared.</summary>
    public void Forget(int interfaceIndex) => _appeared.Remove(interfaceIndex);

    /// <summary>Whether the interface should not be brought up yet.</summary>
    public bool IsPending(int interfaceIndex) =>
        _appeared.TryGetValue(interfaceIndex, out var since)
        && time.GetElapsedTime(since) < Limit
        && File.Exists(Path.Combine(udevDirectory, "control"))
        && !File.Exists(Path.Combine(udevDirectory, "data", string.Create(CultureInfo.InvariantCulture, $"n{interfaceIndex}")));
}
