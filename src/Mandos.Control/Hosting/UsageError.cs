namespace Mandos.Control.Hosting;

/// <summary>The command line is invalid.</summary>
internal sealed class UsageError(string message) : Exception(message);
