using System.CommandLine;
using Mandos.Control.Actions;
using Mandos.Control.Hosting;
using Mandos.Control.Tables;

namespace Mandos.Control.Commands;

/// <summary>Adds the clients of a file in the form of clients.conf.</summary>
internal sealed class AddCommand : ControlCommand
{
    private readonly Argument<IReadOnlyList<string>> _file = Names(
        "A file with sections for clients.conf, as 'mandos-keygen --password' prints them; - is standard input");

    internal AddCommand()
        : base("add", "Adds clients to the running server; they exist until they are removed.") => Program.Command.Arguments.Add(_file);

    private protected override async Task<int> RunAsync(CommandRun run, CancellationToken cancellationToken)
    {
        if (run.Arguments.GetValue(_file) is not [var file])
            throw new UsageError("needs one file");
        var sections = ClientSection.Read(file);
        try
        {
            using var server = await run.ConnectAsync(cancellationToken).ConfigureAwait(false);
            foreach (var section in sections)
            {
                await server.AddAsync(section.Name, section.Properties, section.Secret, cancellationToken).ConfigureAwait(false);
                if (!run.Json)
                    run.Output.Write($"{Terminal.Safe(section.Name, run.Environment)}: added\n");
            }
        }
        finally
        {
            foreach (var section in sections)
                section.Dispose();
        }

        if (run.Json)
            ClientJson.PrintDone(run.Output, sections.Select(section => section.Name), "add");
        return 0;
    }
}
