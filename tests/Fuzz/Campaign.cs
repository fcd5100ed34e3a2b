using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Xml.Linq;
using Mandos.Fuzz.Engine;

namespace Mandos.Fuzz;

/// <summary>
/// All targets, each in its own process, as many at once as there are processors; the time is shared out evenly. A target
/// whose process dies without a report is a finding, too.
/// </summary>
internal sealed class Campaign(TimeSpan time, string? resultFile)
{
    /// <summary>Start of a process, and the kept corpus.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromMinutes(5);

    private readonly ConcurrentBag<(string Target, string? Failure)> _results = [];

    internal int Run()
    {
        var targets = Targets.All.ToList();
        var each = time * Environment.ProcessorCount / targets.Count;
        Console.WriteLine($"{targets.Count} targets, {each.TotalSeconds:0} s each");
        Console.WriteLine($"{"target",-26} {"inputs",12} {"per second",11} {"branches",9} {"corpus",7} {"slowest",9}");
        Parallel.ForEach(
            targets, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, target => RunOne(target, each));
        if (resultFile is not null)
            Save(resultFile);
        return _results.All(r => r.Failure is null) ? 0 : 1;
    }

    private void RunOne(FuzzTarget target, TimeSpan each)
    {
        var seconds = Math.Max(1, (int)each.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        var start = new ProcessStartInfo(
            Environment.ProcessPath!, ["search", target.Name, seconds])
        { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEndAsync();
        if (!process.WaitForExit(each + Grace))
            process.Kill();
        process.WaitForExit();
        var report = TargetReport.Find(output.Result);
        if (report is not null)
        {
            _results.Add((target.Name, null));
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{target.Name,-26} {report.Inputs,12} {report.InputsPerSecond,11:0} {report.Branches,9} {report.Corpus,7} "
                    + $"{report.Slowest.TotalMilliseconds,6:0} ms"));
            return;
        }

        var failure = output.Result.Trim();
        if (!failure.Contains("FINDING", StringComparison.Ordinal))
        {
            var input = new Finding(LastInput.Read(TargetProcess.LastInputFile(target.Name)), "").Save(target);
            failure = $"{target.Name}: FINDING: the process ended with {process.ExitCode}\n  input: {input}\n{errors.Result}";
        }

        _results.Add((target.Name, failure));
        Console.WriteLine(failure);
    }

    /// <summary>In xunit's form, which scripts/test.sh reads.</summary>
    private void Save(string file)
    {
        var failed = _results.Count(r => r.Failure is not null);
        new XElement("assemblies", new XElement("assembly",
            new XAttribute("total", _results.Count), new XAttribute("passed", _results.Count - failed), new XAttribute("failed", failed),
            new XAttribute("skipped", 0), new XAttribute("errors", 0),
            new XElement("collection", _results.OrderBy(r => r.Target, StringComparer.Ordinal).Select(Test)))).Save(file);
    }

    private static XElement Test((string Target, string? Failure) result) =>
        new("test", new XAttribute("name", $"Fuzz.{result.Target}"), new XAttribute("result", result.Failure is null ? "Pass" : "Fail"),
            result.Failure is null ? null : new XElement("failure", new XElement("message", result.Failure)));
}
