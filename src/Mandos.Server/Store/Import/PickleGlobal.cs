namespace Mandos.Server.Store.Import;

/// <summary>The only names that a pickle may call, and what comes of it: nothing is ever looked up or executed.</summary>
internal enum PickleGlobal
{
    /// <summary><c>datetime.datetime</c>: a <see cref="DateTime"/> of ten bytes.</summary>
    DateTime,

    /// <summary><c>datetime.timedelta</c>: a <see cref="TimeSpan"/> of days, seconds and microseconds.</summary>
    TimeDelta,

    /// <summary><c>_codecs.encode</c>: bytes, written as a text whose characters are their values.</summary>
    Encode,

    /// <summary><c>__builtin__.bytes</c>: no bytes.</summary>
    Bytes,
}
