using Microsoft.Extensions.Logging;

namespace Mandos.Server.Logging;

/// <summary>The lowest level that is logged; may change while the server runs.</summary>
internal sealed class LogThreshold(LogLevel level)
{
    private volatile int _level = (int)level;

    /// <summary>The lowest level that is logged.</summary>
    internal LogLevel Level
    {
        get => (LogLevel)_level;
        set => _level = (int)value;
    }
}
