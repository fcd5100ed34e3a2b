namespace Mandos.Server.Store.Import;

/// <summary>A saved state that is not what the original writes.</summary>
/// <param name="message">What is wrong, and where.</param>
internal sealed class PickleException(string message) : Exception(message);
