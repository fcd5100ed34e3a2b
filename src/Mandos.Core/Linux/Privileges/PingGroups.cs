using System.Globalization;

namespace Mandos.Core.Linux.Privileges;

/// <summary>The groups that may send pings without any capability: <c>net.ipv4.ping_group_range</c> (icmp(7)).</summary>
public static class PingGroups
{
    private const string Setting = "/proc/sys/net/ipv4/ping_group_range";

    /// <summary>Whether a group is in the range; false if the kernel does not report it.</summary>
    public static bool Contain(uint group)
    {
        try
        {
            return Contain(File.ReadAllText(Setting), group);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    internal static bool Contain(string setting, uint group) =>
        setting.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries) is [var first, var last]
        && uint.TryParse(first, NumberStyles.None, CultureInfo.InvariantCulture, out var low)
        && uint.TryParse(last, NumberStyles.None, CultureInfo.InvariantCulture, out var high)
        && group >= low && group <= high;
}
