namespace Mandos.Fuzz.Engine;

/// <summary>
/// Ends the process, with the input as a finding, when one input does not come back: a loop without an end, or one that
/// would take hours. It counts the processor time of the process, not what a busy machine makes of it.
/// </summary>
internal sealed class HangWatch
{
    /// <summary>Far beyond every target's limit for the time of an input.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly FuzzTarget _target;
    private readonly Lock _lock = new();
    private byte[]? _input;
    private TimeSpan _began;

    internal HangWatch(FuzzTarget target)
    {
        _target = target;
        new Thread(Watch) { IsBackground = true, Name = "hang watch" }.Start();
    }

    internal void Begin(byte[] input)
    {
        lock (_lock)
            (_input, _began) = (input, TimeSpan.Zero);
    }

    internal void End()
    {
        lock (_lock)
            _input = null;
    }

    private void Watch()
    {
        while (true)
        {
            Thread.Sleep(TimeSpan.FromSeconds(1));
            lock (_lock)
            {
                if (_input is null)
                    continue;
                var used = Environment.CpuUsage.TotalTime;
                if (_began == TimeSpan.Zero)
                    _began = used;
                else if (used - _began > Limit)
                    Report(_input);
            }
        }
    }

    private void Report(byte[] input)
    {
        var finding = new Finding(input, $"does not come back within {Limit.TotalSeconds:0} s of processor time");
        Console.WriteLine($"{_target.Name}: FINDING: {finding.Message}\n  input: {finding.Save(_target)}");
        Console.Out.Flush();
        Environment.Exit(1);
    }
}
