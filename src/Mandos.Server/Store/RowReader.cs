using Mandos.Core.Keys;

namespace Mandos.Server.Store;

/// <summary>Reads the values of a row one after the other, in the order in which they were written.</summary>
internal sealed class RowReader(IReadOnlyList<object?> values)
{
    private int _next;

    internal string Text() => (string)values[_next++]!;

    internal long Number() => (long)values[_next++]!;

    internal long? OptionalNumber() => (long?)values[_next++];

    internal bool Flag() => Number() != 0;

    internal DateTime Instant() => new(Number(), DateTimeKind.Utc);

    internal DateTime? OptionalInstant() => OptionalNumber() is { } ticks ? new DateTime(ticks, DateTimeKind.Utc) : null;

    internal KeyId? Key() => (string?)values[_next++] is { } hex && KeyId.TryParse(hex, out var key) ? key : null;

    internal byte[] Blob() => (byte[])values[_next++]!;
}
