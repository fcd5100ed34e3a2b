using System.Diagnostics;
using Mandos.Fuzz;

// usage: Mandos.Fuzz [SECONDS-A-TARGET] [SEED] [TARGET...]
// Bounded: each target gets its seconds. A finding is written to artifacts/fuzz and ends the run with status 1.
var seconds = args.Length > 0 ? int.Parse(args[0], System.Globalization.CultureInfo.InvariantCulture) : 20;
var seed = args.Length > 1 ? int.Parse(args[1], System.Globalization.CultureInfo.InvariantCulture) : Environment.TickCount;
var wanted = args.Skip(2).ToHashSet();
var findings = 0;
Console.WriteLine($"seed {seed}; repeat with: Mandos.Fuzz {seconds} {seed}");
foreach (var target in Targets.All.Where(t => wanted.Count == 0 || wanted.Contains(t.Name)))
{
    var mutation = new Mutation(new Random(seed));
    var clock = Stopwatch.StartNew();
    var runs = 0L;
    var slowest = TimeSpan.Zero;
    byte[] input = [];
    try
    {
        for (; clock.Elapsed.TotalSeconds < seconds; runs++)
        {
            input = mutation.Of(target.Seeds);
            var began = clock.Elapsed;
            target.Run(input);
            slowest = TimeSpan.FromTicks(Math.Max(slowest.Ticks, (clock.Elapsed - began).Ticks));
        }

        Console.WriteLine($"{target.Name}: {runs} inputs, no finding, slowest {slowest.TotalMilliseconds:F0} ms");
    }
    catch (Exception e)
    {
        findings++;
        var folder = Directory.CreateDirectory(Path.Combine(Mandos.Tests.Golden.Root, "artifacts", "fuzz"));
        var file = Path.Combine(folder.FullName, $"{target.Name}-{seed}.bin");
        File.WriteAllBytes(file, input);
        Console.WriteLine($"{target.Name}: FINDING after {runs} inputs: {e.GetType().Name}: {e.Message}\n  input: {file}\n{e.StackTrace}");
    }
}

return findings == 0 ? 0 : 1;
