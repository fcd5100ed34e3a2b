using Mandos.Core.Linux.FileDescriptors;

namespace Mandos.Bus.Connections;

/// <summary>Work that other threads request from one thread.</summary>
internal sealed class WorkQueue : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Wakeup _wakeup = new();
    private List<Work> _posted = [];
    private bool _ended;

    private sealed record Work(Action Run, Action<Exception> Fail);

    /// <summary>Adds work and wakes the thread; false if it has ended.</summary>
    internal bool TryAdd(Action run, Action<Exception> fail)
    {
        lock (_gate)
        {
            if (_ended)
                return false;
            _posted.Add(new(run, fail));
        }

        _wakeup.Wake();
        return true;
    }

    /// <summary>Does all work that was added. Exceptions go to the work's own handler.</summary>
    internal void Run()
    {
        foreach (var work in Take(isEnd: false))
        {
            try
            {
                work.Run();
            }
            catch (Exception e)
            {
                work.Fail(e);
            }
        }
    }

    /// <summary>Waits for a descriptor, or until work is added.</summary>
    internal void Wait(int descriptor, short events, int milliseconds) => _wakeup.Wait(descriptor, events, milliseconds);

    /// <summary>Accepts no more work; returns the handlers of the work that was not done.</summary>
    internal IEnumerable<Action<Exception>> End() => Take(isEnd: true).Select(work => work.Fail);

    /// <inheritdoc />
    public void Dispose() => _wakeup.Dispose();

    private List<Work> Take(bool isEnd)
    {
        lock (_gate)
        {
            _ended |= isEnd;
            if (_posted.Count == 0)
                return [];
            var works = _posted;
            _posted = [];
            return works;
        }
    }
}
