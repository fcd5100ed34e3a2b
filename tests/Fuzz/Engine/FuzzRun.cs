namespace Mandos.Fuzz.Engine;

/// <summary>One target, for some time, in this process: changes inputs, keeps those that reach something new.</summary>
internal sealed class FuzzRun
{
    private readonly FuzzTarget _target;
    private readonly Random _random;
    private readonly CoverageMap _coverage = new();
    private readonly Corpus _corpus;
    private readonly HangWatch _watch;
    private readonly LastInput _last;
    private readonly List<byte[]> _news = [];

    internal FuzzRun(FuzzTarget target, int seed, LastInput last)
    {
        _last = last;
        _target = target;
        _random = new Random(seed);
        _corpus = new Corpus(_random);
        _watch = new HangWatch(target);
    }

    internal long Inputs { get; private set; }

    internal int Branches => _coverage.Branches;

    internal int Kept => _corpus.Count;

    internal TimeSpan Slowest { get; private set; }

    /// <summary>What the search found and the inputs of <see cref="Replay"/> did not reach.</summary>
    internal IReadOnlyList<byte[]> News => _news;

    /// <summary>Runs inputs as they are, and remembers what they reach.</summary>
    /// <exception cref="Finding">One of them is a finding.</exception>
    internal void Replay(IEnumerable<byte[]> inputs)
    {
        foreach (var input in inputs)
            _ = Try(input);
    }

    /// <summary>Changes inputs until the time is over.</summary>
    /// <exception cref="Finding">An input is a finding.</exception>
    internal void Search(TimeSpan time)
    {
        if (_corpus.Count == 0)
            _corpus.Add([], default);
        var mutation = new Mutation(_random, _target.Words, _target.Longest);
        var began = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(began) < time)
        {
            var input = mutation.Of(_corpus.Next(), _corpus.Any());
            if (Try(input))
                _news.Add(input);
        }
    }

    /// <summary>True if the input reached something new.</summary>
    private bool Try(byte[] input)
    {
        Inputs++;
        CoverageMap.Begin();
        _last.Write(input);
        _watch.Begin(input);
        var began = InputCost.SoFar;
        try
        {
            _target.Run(input);
        }
        catch (Exception e)
        {
            throw new Finding(input, $"{e.GetType().Name}: {e.Message}\n{e.StackTrace}");
        }

        var cost = InputCost.SoFar.Since(began);
        _watch.End();
        Slowest = cost.Time > Slowest ? cost.Time : Slowest;
        // What is compiled on its first pass takes its time once.
        if (cost.Time > _target.Limits.Time && Again(input) > _target.Limits.Time)
            throw new Finding(
                input, $"takes {cost.Time.TotalSeconds:0.00} s of processor time, more than {_target.Limits.Time.TotalSeconds:0.00} s");
        if (cost.MemoryFault(_target.Limits) is { } fault)
            throw new Finding(input, fault);
        if (!_coverage.HasNews())
            return false;
        _corpus.Add(input, cost.Time);
        return true;
    }

    private TimeSpan Again(byte[] input)
    {
        _watch.Begin(input);
        var began = ThreadTime.Now;
        _target.Run(input);
        _watch.End();
        return ThreadTime.Now - began;
    }
}
