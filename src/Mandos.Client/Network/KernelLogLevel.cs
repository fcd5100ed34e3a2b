using System.Globalization;
using Mandos.Core.Linux;

namespace Mandos.Client.Network;

/// <summary>
/// Keeps drivers from writing over the password prompt while an interface comes up: messages below "warning" stay off the
/// console meanwhile. Disposing puts the level back as it was.
/// </summary>
/// <remarks>
/// The level is put back by its number: SYSLOG_ACTION_CONSOLE_ON, which looks like the way to do it, only undoes
/// SYSLOG_ACTION_CONSOLE_OFF. A console that is quieter already, or a level that cannot be read, is left alone.
/// </remarks>
internal sealed class KernelLogLevel : IDisposable
{
    private const string File = "/proc/sys/kernel/printk";
    private const int Quiet = 5;
    private readonly int? _before;

    private readonly Func<int, bool> _set;

    private KernelLogLevel(int? before, Func<int, bool> set) => (_before, _set) = (before, set);

    public static KernelLogLevel Lower() => Lower(KernelSetting.Read(File), level => KernelLog.SetConsoleLevel(level).Ok);

    /// <param name="setting">The content of the kernel's printk setting: four numbers, the level of the console first.</param>
    /// <param name="set">Sets the level; false if that is not allowed.</param>
    internal static KernelLogLevel Lower(string? setting, Func<int, bool> set)
    {
        var first = setting?.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).FirstOrDefault();
        var lowered = int.TryParse(first, NumberStyles.None, CultureInfo.InvariantCulture, out var level)
            && level > Quiet && set(Quiet);
        return new KernelLogLevel(lowered ? level : null, set);
    }

    public void Dispose()
    {
        if (_before is { } level)
            _ = _set(level);
    }
}
