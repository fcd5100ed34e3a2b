using System.Globalization;
using Mandos.Fuzz.Engine;

namespace Mandos.Fuzz;

/// <summary>This process works on one target.</summary>
internal sealed class TargetProcess
{
    private readonly FuzzTarget _target;
    private readonly int _seed;
    private readonly KeptCorpus _kept;

    internal TargetProcess(string name, int seed)
    {
        _target = Targets.All.FirstOrDefault(t => t.Name == name) ?? throw new ArgumentException($"there is no target '{name}'; 'Mandos.Fuzz list' prints them");
        _seed = seed;
        _kept = new KeptCorpus(_target);
    }

    /// <summary>Where the input that runs now is kept.</summary>
    internal static string LastInputFile(string target) =>
        Path.Combine(Directory.CreateDirectory(Path.Combine(Golden.Root, "artifacts", "fuzz")).FullName, $"last-{target}");

    /// <summary>Searches for some time; the last line printed is the <see cref="TargetReport"/>.</summary>
    internal int Search(TimeSpan time, bool keep)
    {
        using var last = new LastInput(LastInputFile(_target.Name), _target.Longest);
        var run = new FuzzRun(_target, _seed, last);
        var began = TimeProvider.System.GetTimestamp();
        try
        {
            run.Replay(_target.Seeds.Concat(_kept.Inputs).Where(i => i.Length <= _target.Longest));
            var branches = run.Branches;
            run.Search(time);
            if (keep)
                Console.WriteLine($"{_target.Name}: {_kept.Add(run.News)} inputs kept; {branches} branches before, {run.Branches} now");
        }
        catch (Finding finding)
        {
            Console.WriteLine($"{_target.Name}: FINDING after {run.Inputs} inputs (seed {_seed}): {finding.Message}\n  input: {finding.Save(_target)}");
            return 1;
        }

        Console.WriteLine(new TargetReport(run.Inputs, TimeProvider.System.GetElapsedTime(began), run.Branches, run.Kept, run.Slowest));
        return 0;
    }

    internal int Replay(string[] files)
    {
        using var last = new LastInput(LastInputFile(_target.Name), _target.Longest);
        var run = new FuzzRun(_target, _seed, last);
        foreach (var file in files)
        {
            run.Replay([File.ReadAllBytes(file)]);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{file}: no finding; {run.Branches} branches so far"));
        }

        return 0;
    }
}
