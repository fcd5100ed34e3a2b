using Mandos.Fuzz.Readers;

namespace Mandos.Fuzz;

/// <summary>Every reader of bytes from outside.</summary>
internal static class Targets
{
    public static IEnumerable<FuzzTarget> All =>
        [.. DiscoveryTargets.All, .. ExchangeTargets.All, .. OpenPgpTargets.All, .. LinuxTargets.All, .. ServerTargets.All,
            .. BusTargets.All];
}
