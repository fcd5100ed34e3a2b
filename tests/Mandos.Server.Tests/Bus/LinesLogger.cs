using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Mandos.Server.Tests.Bus;

/// <summary>Keeps the lines of a log.</summary>
internal sealed class LinesLogger : ILogger
{
    private readonly ConcurrentQueue<string> _lines = [];

    internal IReadOnlyList<string> Lines => [.. _lines];

    internal string Text => string.Join('\n', Lines);

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _lines.Enqueue($"{logLevel}: {formatter(state, exception)}");
}
