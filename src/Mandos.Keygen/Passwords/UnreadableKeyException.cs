using Mandos.Keygen.Failures;

namespace Mandos.Keygen.Passwords;

/// <summary>A key file that the library that encrypts cannot read; the boot client may.</summary>
/// <param name="message">What happened, with names.</param>
/// <param name="hint">What to do.</param>
internal sealed class UnreadableKeyException(string message, string hint) : KeygenException(message, hint);
