using Mandos.Client.CommandLine;
using Mandos.Client.Hosting;

namespace Mandos.Client.Supervision;

/// <summary>The role <c>mandos-client</c>: fetches this machine's password and prints it.</summary>
internal static class ClientProgram
{
    /// <summary>Runs to the end. If a signal requested the end, dies of it when everything is undone.</summary>
    internal static Task<int> RunAsync(IReadOnlyList<string> arguments) =>
        RoleHost.Parse(
            RoleNames.Client, (output, error, out exitCode) => new ClientCommandLine().Parse(arguments, output, error, out exitCode),
            out var exitCode) is { } options
            ? RoleHost.RunAsync(
                stop => options.Rehearsal is { } rehearsal
                    ? new Rehearsal(options, rehearsal, TimeProvider.System).RunAsync(stop)
                    : new Supervisor(options, new Messages(RoleNames.Client, options.Debug), TimeProvider.System).RunAsync(stop))
            : Task.FromResult(exitCode);
}
