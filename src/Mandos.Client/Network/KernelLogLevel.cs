using System.Globalization;
using Mandos.Core.Linux;

namespace Mandos.Client.Network;

/// <summary>
/// Keeps driver messages from overwriting the password prompt while an interface comes up: only warnings and errors reach the console
/// meanwhile. Disposal restores the level.
/// </summary>
/// <remarks>
/// The level is restored by number, because SYSLOG_ACTION_CONSOLE_ON only undoes SYSLOG_ACTION_CONSOLE_OFF. A console that is already
/// quieter, or a level that cannot be read, is left alone.
/// </remarks>
internal sealed class KernelLogLevel : IDisposable
{
    private const string File = "/proc/sys/kernel/printk";
    private const int Quiet = 5;
    private readonly int? _before;

    private readonly Func<int, bool> _set;

    private KernelLogLevel(int? before, Func<int, bool> set) => (_before, _set) = (before, set);

    public static KernelLogLevel Lower() => Lower(KernelSetting.Read(File), level => KernelLog.SetConsoleLevel(level).Ok);

    /// <param name="setting">The content of the kernel's printk setting: four numbers, of which the first is the console level.</param>
    /// <param name="set">Sets the level; false if that is not permitted.</param>
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
