using System.CommandLine;
using System.Globalization;
using Mandos.BusClient;
using Mandos.Control.Hosting;
using Mandos.Core.Audit;

namespace Mandos.Control.Commands;

/// <summary>Verifies or prints the audit trail.</summary>
internal sealed class AuditCommand : ControlCommand
{
    private readonly Argument<IReadOnlyList<string>> _action = Names(
        "verify: check that no record is missing or changed; show: print the records, with names of clients only those about them");

    private readonly AuditTrail _trail;

    internal AuditCommand()
        : base("audit", "Verifies ('audit verify') or prints ('audit show') the audit trail of the server on this machine.")
    {
        Program.Command.Arguments.Add(_action);
        _trail = new(Program.Command);
    }

    private protected override Task<int> RunAsync(CommandRun run, CancellationToken cancellationToken) =>
        Task.FromResult(run.Arguments.GetValue(_action)?.ToArray() switch
        {
            ["verify"] => Verify(run),
            ["verify", ..] => throw new UsageError("verify takes no names of clients"),
            ["show", .. var clients] => _trail.Print(run, clients),
            [var unknown, ..] => throw new UsageError($"unknown action '{unknown}', not verify or show"),
            _ => throw new UsageError("needs verify or show"),
        });

    private int Verify(CommandRun run)
    {
        var count = 0L;
        AuditRecord? first = null, last = null;
        var problems = _trail.Read(run, record =>
        {
            count++;
            first ??= record;
            last = record;
        });
        var isGenuine = first is not null && problems.All(problem => problem.Fault == AuditFault.Torn);
        if (run.Json)
        {
            Print(run.Output, count, first, last, problems);
            return isGenuine ? 0 : 1;
        }

        foreach (var problem in problems)
            run.Output.Write($"{(problem.Fault == AuditFault.Torn ? "note" : "error")}: {problem}\n");
        run.Output.Write(
            isGenuine
                ? string.Create(
                    CultureInfo.InvariantCulture,
                    $"ok: records {first!.Number} to {last!.Number}, none is missing or changed; "
                        + $"the last is of {Moments.Local(last.Time)}\n")
                : "the audit trail is not as the server wrote it; compare it with a copy, or with the log\n");
        return isGenuine ? 0 : 1;
    }

    private static void Print(
        TextWriter output, long count, AuditRecord? first, AuditRecord? last, IReadOnlyList<AuditProblem> problems) =>
        ClientJson.Print(output, isLine: false, json =>
        {
            json.WriteStartObject();
            json.WriteNumber("records", count);
            json.WriteNumber("first", first?.Number ?? 0);
            json.WriteNumber("last", last?.Number ?? 0);
            json.WriteStartArray("problems");
            foreach (var problem in problems)
            {
                json.WriteStartObject();
                json.WriteString(
                    "fault", problem.Fault switch { AuditFault.Torn => "torn", AuditFault.Missing => "missing", _ => "changed" });
                json.WriteString("file", problem.File);
                json.WriteNumber("line", problem.Line);
                json.WriteString("text", problem.Text);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        });
}
