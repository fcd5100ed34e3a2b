namespace Mandos.Core.Keys;

/// <summary>
/// Bytes that should be a key are none, or one of a kind that is not supported; the message says which and why, never the bytes.
/// </summary>
public sealed class KeyFormatException(string message, Exception? inner = null) : Exception(message, inner);
