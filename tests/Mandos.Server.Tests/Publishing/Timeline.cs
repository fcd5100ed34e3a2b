namespace Mandos.Server.Tests.Publishing;

/// <summary>What happened, in its order.</summary>
internal sealed class Timeline
{
    private readonly Lock _gate = new();
    private readonly List<string> _entries = [];
    private TaskCompletionSource _grown = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal void Add(string entry)
    {
        lock (_gate)
        {
            _entries.Add(entry);
            _grown.TrySetResult();
            _grown = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    /// <summary>All of it, once it has this many entries.</summary>
    internal async Task<string[]> WaitAsync(int count)
    {
        while (true)
        {
            Task grown;
            lock (_gate)
            {
                if (_entries.Count >= count)
                    return [.. _entries];
                grown = _grown.Task;
            }

            try
            {
                await grown.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
            }
            catch (TimeoutException)
            {
                Assert.Fail($"nothing more happens than: {string.Join(", ", _entries)}");
            }
        }
    }
}
