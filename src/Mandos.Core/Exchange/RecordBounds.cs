using Org.BouncyCastle.Tls;

namespace Mandos.Core.Exchange;

/// <summary>
/// Limits what a peer may send after the handshake without application data: every record must be decrypted, every key update derives keys,
/// and nothing of this counts as data. A normal peer needs a fraction of these limits.
/// </summary>
internal sealed class RecordBounds
{
    /// <summary>Consecutive records without data.</summary>
    internal const int EmptyRecords = 32;

    /// <summary>Key updates; one is due after 2^24 records (RFC 8446, 5.5), far more than a secret needs.</summary>
    internal const int KeyUpdates = 4;

    /// <summary>Alerts that do not end the connection, such as user_canceled.</summary>
    internal const int Warnings = 5;

    /// <summary>The bytes of padding, headers and tags that are free; above that, the limit is this multiple of the data.</summary>
    internal const int FreeOverhead = 64 * 1024, OverheadFactor = 4;

    private int _empty, _keyUpdates, _warnings;
    private long _overhead, _content;

    /// <summary>Why the alert was raised; null if everything is within the limits.</summary>
    internal string? Excess { get; private set; }

    /// <summary>Counts a record; returns the exceeded limit, or null.</summary>
    internal string? CountRecord(int length, int content)
    {
        _empty = content > 0 ? 0 : _empty + 1;
        _content += content;
        _overhead += length - content;
        return _empty > EmptyRecords ? $"the peer sends more than {EmptyRecords} records in a row without data"
            : _overhead > FreeOverhead + OverheadFactor * _content
                ? $"the peer sends {_overhead} bytes of padding with {_content} bytes of data"
            : null;
    }

    /// <exception cref="TlsFatalAlert">There are too many key updates.</exception>
    internal void CountKeyUpdate() => Count(ref _keyUpdates, KeyUpdates, "key updates");

    /// <summary>Counts a warning; close_notify does not count.</summary>
    /// <exception cref="TlsFatalAlert">There are too many warnings.</exception>
    internal void CountWarning(short description)
    {
        if (description != AlertDescription.close_notify)
            Count(ref _warnings, Warnings, "warnings");
    }

    private void Count(ref int count, int most, string what)
    {
        if (++count <= most)
            return;
        Excess = $"the peer sends more than {most} {what}";
        throw new TlsFatalAlert(AlertDescription.unexpected_message);
    }
}
