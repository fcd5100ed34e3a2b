using System.Collections.Concurrent;

namespace Mandos.Server.Clients.Registry;

/// <summary>
/// The thread that saves, one thing after the other: the disk may stand still for as long as it likes, and only this waits.
/// </summary>
internal sealed class SaveWriter : IDisposable
{
    private readonly BlockingCollection<Action> _saves = [];
    private Thread? _thread;

    /// <summary>Has something saved; never waits.</summary>
    internal void Add(Action save)
    {
        if (_thread is null)
        {
            _thread = new Thread(Run) { IsBackground = true, Name = "store" };
            _thread.Start();
        }

        _saves.Add(save);
    }

    /// <summary>Ends the thread when it has nothing more to do.</summary>
    public void Dispose() => _saves.CompleteAdding();

    private void Run()
    {
        foreach (var save in _saves.GetConsumingEnumerable())
            save();
    }
}
