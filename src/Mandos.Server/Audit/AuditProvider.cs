using System.Text;
using Mandos.Server.Logging;
using Microsoft.Extensions.Logging;

namespace Mandos.Server.Audit;

/// <summary>Passes the events of the audit trail to it; what the log says about them is their source.</summary>
/// <param name="trail">The trail, whose owner keeps it.</param>
internal sealed class AuditProvider(AuditTrail trail) : ILoggerProvider
{
    /// <inheritdoc />
    public ILogger CreateLogger(string categoryName) => new AuditLogger(trail);

    /// <inheritdoc />
    public void Dispose()
    {
        // The trail outlives the loggers, for the last events.
    }

    private sealed class AuditLogger(AuditTrail trail) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel is >= LogLevel.Information and < LogLevel.None;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (eventId.Name is not { } name || !AuditEvents.Names.Contains(name))
                return;
            var line = LogLine.Of(logLevel, formatter(state, exception), name, state as IReadOnlyList<KeyValuePair<string, object?>>);
            trail.Add(name, line.Text, [.. line.Fields.Select(static field => KeyValuePair.Create(FieldName(field.Key), field.Value))]);
        }

        /// <summary>Converts KeyId to key_id.</summary>
        private static string FieldName(string key)
        {
            var name = new StringBuilder();
            foreach (var c in key)
            {
                if (char.IsAsciiLetterUpper(c) && name.Length > 0)
                    name.Append('_');
                name.Append(char.ToLowerInvariant(c));
            }

            return name.ToString();
        }
    }
}
