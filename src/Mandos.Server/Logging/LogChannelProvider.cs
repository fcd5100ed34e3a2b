using Mandos.Core.Linux;
using Microsoft.Extensions.Logging;

namespace Mandos.Server.Logging;

/// <summary>Passes the log messages of the host to a <see cref="LogChannel"/>, whose owner keeps it.</summary>
internal sealed class LogChannelProvider(LogChannel channel) : ILoggerProvider
{
    /// <summary>
    /// Creates loggers that write lines from a level on. Decisions about connections, and the start and stop of the server, are always
    /// logged, because administrators of a key server need them.
    /// </summary>
    internal static ILoggerFactory CreateFactory(LogChannel channel, LogLevel level) => CreateFactory(channel, new LogThreshold(level));

    /// <summary>Creates loggers with a level that may change.</summary>
    /// <param name="channel">The log.</param>
    /// <param name="threshold">The level.</param>
    /// <param name="audit">Receives every message from the level Information on, whatever the level is; null if there is no audit.</param>
    internal static ILoggerFactory CreateFactory(LogChannel channel, LogThreshold threshold, ILoggerProvider? audit = null)
    {
        var filter = new LoggerFilterOptions { MinLevel = LogLevel.Trace };
        filter.Rules.Add(new(null, null, null, (_, _, level) => level >= threshold.Level));
        filter.Rules.Add(new(null, LogCategory.Decisions, null, IsAlwaysTold));
        filter.Rules.Add(new(null, LogCategory.Life, null, IsAlwaysTold));
        // The host's own lines add nothing to ours.
        filter.Rules.Add(new(null, "Microsoft", LogLevel.Error, null));
        if (audit is null)
            return new LoggerFactory([new LogChannelProvider(channel)], filter);
        filter.Rules.Add(new(audit.GetType().FullName, null, LogLevel.Information, null));
        return new LoggerFactory([new LogChannelProvider(channel), audit], filter);

        bool IsAlwaysTold(string? provider, string? category, LogLevel level) => level >= LogLevel.Information || level >= threshold.Level;
    }

    /// <inheritdoc />
    public ILogger CreateLogger(string categoryName) => new ChannelLogger(channel);

    /// <inheritdoc />
    public void Dispose()
    {
        // The channel outlives the loggers, for the last messages.
    }

    private sealed class ChannelLogger(LogChannel channel) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            channel.Write(
                logLevel,
                exception is null ? formatter(state, exception) : $"{formatter(state, exception)}: {SystemFailure.Reason(exception)}",
                eventId.Name,
                state as IReadOnlyList<KeyValuePair<string, object?>>);
    }
}
