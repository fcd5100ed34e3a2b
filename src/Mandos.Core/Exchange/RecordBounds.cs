using Org.BouncyCastle.Tls;

namespace Mandos.Core.Exchange;

/// <summary>
/// Limits what a peer may send after the handshake without saying anything: every record has to be decrypted, every key update
/// derives keys, and none of it counts as data. A peer of good will needs a fraction of this.
/// </summary>
internal sealed class RecordBounds
{
    /// <summary>Records in a row that bring no data.</summary>
    internal const int EmptyRecords = 32;

    /// <summary>One is due after 2^24 records (RFC 8446, 5.5), far more than a secret has.</summary>
    internal const int KeyUpdates = 4;

    /// <summary>Alerts that end nothing, such as user_canceled.</summary>
    internal const int Warnings = 5;

    /// <summary>Padding, headers and tags that are free; beyond that, so many times the data.</summary>
    internal const int FreeOverhead = 64 * 1024, OverheadFactor = 4;

    private int _empty, _keyUpdates, _warnings;
    private long _overhead, _content;

    /// <summary>Why the alert was raised; null if all is within bounds.</summary>
    internal string? Excess { get; private set; }

    /// <summary>Counts a record; the result says what there is too much of, or is null.</summary>
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

    /// <exception cref="TlsFatalAlert">One too many.</exception>
    internal void CountKeyUpdate() => Count(ref _keyUpdates, KeyUpdates, "key updates");

    /// <summary>Counts a warning; close_notify is none.</summary>
    /// <exception cref="TlsFatalAlert">One too many.</exception>
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
