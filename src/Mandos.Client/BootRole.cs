using Mandos.Client.Hosting;

namespace Mandos.Client;

/// <summary>One of the programs in the boot executable.</summary>
/// <param name="Name">The name it is called by.</param>
/// <param name="RunAsync">Runs it with its arguments (without its name) to the end; the result is an <see cref="ExitCode"/>.</param>
internal sealed record BootRole(string Name, Func<IReadOnlyList<string>, Task<int>> RunAsync);
