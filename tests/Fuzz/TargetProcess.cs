using System.Globalization;
using Mandos.Fuzz.Engine;
using SharpFuzz;

namespace Mandos.Fuzz;

/// <summary>This process works on one target.</summary>
internal sealed class TargetProcess
{
    private readonly FuzzTarget _target;
    private readonly int _seed;
    private readonly KeptCorpus _kept;

    internal TargetProcess(string name, int seed)
    {
        _target = Targets.All.FirstOrDefault(t => t.Name == name) ?? throw new ArgumentException(
            $"there is no target '{name}'; 'Mandos.Fuzz list' prints them");
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
            run.Replay(Known);
            var branches = run.Branches;
            run.Search(time);
            if (keep)
                Console.WriteLine(
                    $"{_target.Name}: {_kept.Add(Fewest(run.News, last))} inputs kept; {branches} branches before, {run.Branches} now");
        }
        catch (Finding finding)
        {
            Console.WriteLine(
                $"{_target.Name}: FINDING after {run.Inputs} inputs (seed {_seed}): {finding.Message}\n  input: {finding.Save(_target)}");
            return 1;
        }

        Console.WriteLine(new TargetReport(run.Inputs, TimeProvider.System.GetElapsedTime(began), run.Branches, run.Kept, run.Slowest));
        return 0;
    }

    /// <summary>
    /// Searches with AFL++, which starts this process and counts by itself (docs/fuzzing.md). A finding ends the process, as AFL
    /// wants it.
    /// </summary>
    internal int RunUnderAfl()
    {
        Fuzzer.Run(stream =>
        {
            using var bytes = new MemoryStream();
            stream.CopyTo(bytes);
            _target.Run(bytes.ToArray());
        });
        return 0;
    }

    internal int WriteSeeds(string folder)
    {
        _ = Directory.CreateDirectory(folder);
        foreach (var (number, input) in Known.Index())
            File.WriteAllBytes(Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"{number:0000}")), input);
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

    private IEnumerable<byte[]> Known => _target.Seeds.Concat(_kept.Inputs).Where(i => i.Length <= _target.Longest);

    /// <summary>The short ones that pass all new branches; what only passes them more often is found again soon.</summary>
    private List<byte[]> Fewest(IReadOnlyList<byte[]> news, LastInput last)
    {
        var run = new FuzzRun(_target, _seed, last);
        run.Replay(Known);
        var fewest = new List<byte[]>();
        foreach (var input in news.Where(KeptCorpus.CanKeep).OrderBy(i => i.Length))
        {
            var branches = run.Branches;
            run.Replay([input]);
            if (run.Branches > branches)
                fewest.Add(input);
        }

        return fewest;
    }
}
