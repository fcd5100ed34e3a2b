namespace Mandos.Core.Keys;

/// <summary>
/// Bytes are not a valid key, or one of an unsupported kind; the message says which and why, and never contains the bytes.
/// </summary>
public sealed class KeyFormatException(string message, Exception? inner = null) : Exception(message, inner);
