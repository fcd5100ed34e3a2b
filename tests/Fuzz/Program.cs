using Mandos.Fuzz;
using Mandos.Fuzz.Engine;

// usage: Mandos.Fuzz list
//        Mandos.Fuzz instrument ASSEMBLY...              in place; nothing that this process uses
//        Mandos.Fuzz all MINUTES [RESULTS.xml]           every target, as many at once as there are processors
//        Mandos.Fuzz search TARGET SECONDS [SEED]        one target; prints what was reached
//        Mandos.Fuzz keep TARGET SECONDS [SEED]          the same, and adds what was new to the kept corpus
//        Mandos.Fuzz replay TARGET FILE...               runs inputs as they are
//        Mandos.Fuzz afl TARGET                          the program that AFL++ runs
//        Mandos.Fuzz seeds TARGET FOLDER                 writes what a search begins with, for AFL++
// Exit status 1: there was a finding; its input is in artifacts/fuzz/findings.
CoverageMap.Attach();
return args switch
{
    ["list"] => Print(Targets.All.Select(t => t.Name)),
    ["instrument", .. var assemblies] => Print(assemblies.Select(Instrumentation.Add)),
    ["all", var minutes, .. var rest] => new Campaign(TimeSpan.FromMinutes(Number(minutes)), rest.FirstOrDefault()).Run(),
    ["search", var name, var seconds, .. var rest] =>
        new TargetProcess(name, Seed(rest)).Search(TimeSpan.FromSeconds(Number(seconds)), keep: false),
    ["keep", var name, var seconds, .. var rest] =>
        new TargetProcess(name, Seed(rest)).Search(TimeSpan.FromSeconds(Number(seconds)), keep: true),
    ["afl", var name] => new TargetProcess(name, 0).RunUnderAfl(),
    ["seeds", var name, var folder] => new TargetProcess(name, 0).WriteSeeds(folder),
    ["replay", var name, .. var files] => new TargetProcess(name, 0).Replay(files),
    _ => throw new ArgumentException("usage: Mandos.Fuzz list | instrument | all | search | keep | replay | afl | seeds, see Program.cs"),
};

static int Print(IEnumerable<string> lines)
{
    foreach (var line in lines)
        Console.WriteLine(line);
    return 0;
}

static double Number(string text) => double.Parse(text, System.Globalization.CultureInfo.InvariantCulture);

static int Seed(string[] rest) => rest.Length > 0 ? (int)Number(rest[0]) : Environment.TickCount;
