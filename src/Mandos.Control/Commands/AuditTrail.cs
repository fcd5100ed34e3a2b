using System.CommandLine;
using Mandos.BusClient;
using Mandos.CommandLine;
using Mandos.Control.Hosting;
using Mandos.Control.Tables;
using Mandos.Core.Audit;
using Mandos.Core.Linux;

namespace Mandos.Control.Commands;

/// <summary>The audit trail on this machine, as commands read and print it.</summary>
internal sealed class AuditTrail
{
    private readonly Option<string?> _directory = PlainOption.Text(
        "--statedir", "DIRECTORY", "The state directory of the server (default: /var/lib/mandos)");

    internal AuditTrail(Command command) => command.Options.Add(_directory);

    /// <summary>Passes on each record; returns what is wrong. The files may be larger than the memory.</summary>
    /// <exception cref="ControlFailure">There is none, or it cannot be read.</exception>
    internal IReadOnlyList<AuditProblem> Read(CommandRun run, Action<AuditRecord> pass)
    {
        var directory = run.Arguments.GetValue(_directory) ?? "/var/lib/mandos";
        var reader = new AuditReader(directory);
        try
        {
            foreach (var record in reader.Read())
                pass(record);
            return reader.Last > 0 || reader.Problems.Count > 0
                ? reader.Problems
                : throw new ControlFailure(
                    $"there is no audit trail in {directory}",
                    "it is written by the server of this package, unless mandos.conf says audit = False");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ControlFailure(
                $"cannot read the audit trail in {directory}: {SystemFailure.Reason(e)}",
                e is UnauthorizedAccessException ? "run as root" : "name the state directory of the server with --statedir");
        }
    }

    /// <summary>Prints the records about some clients, or all.</summary>
    internal int Print(CommandRun run, IReadOnlyList<string> clients)
    {
        var isFound = clients.Count == 0;
        var problems = Read(run, record =>
        {
            if (clients.Count > 0 && (record.Field("client") is not { } client || !clients.Contains(client, StringComparer.Ordinal)))
                return;
            isFound = true;
            if (run.Json)
                Print(run.Output, record);
            else
                run.Output.Write($"{Moments.Local(record.Time)} {Terminal.Safe(record.Text, run.Environment)}\n");
        });
        if (problems.Any(problem => problem.Fault != AuditFault.Torn))
            run.Environment.Error.WriteLine("mandos-ctl: warning: the audit trail is not complete; see 'mandos-ctl audit verify'");
        if (isFound)
            return 0;
        throw new ControlFailure(
            $"the audit trail has no record about {string.Join(", ", clients)}", "see 'mandos-ctl list' for the names of the clients");
    }

    private static void Print(TextWriter output, AuditRecord record) => ClientJson.Print(output, isLine: true, json =>
    {
        json.WriteStartObject();
        json.WriteNumber("number", record.Number);
        json.WriteString("time", ClientJson.Rfc3339(record.Time));
        json.WriteString("server", record.Server);
        json.WriteString("event", record.Event);
        json.WriteStartObject("fields");
        foreach (var (name, value) in record.Fields)
            json.WriteString(name, value);
        json.WriteEndObject();
        json.WriteString("text", record.Text);
        json.WriteEndObject();
    });
}
