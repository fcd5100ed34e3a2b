using System.Collections.Concurrent;

namespace Mandos.Server.Clients.Registry;

/// <summary>The thread that runs saves one after the other. Only this thread blocks if the disk does not respond.</summary>
internal sealed class SaveWriter : IDisposable
{
    private readonly BlockingCollection<Action> _saves = [];
    private Thread? _thread;

    /// <summary>Queues a save; never blocks.</summary>
    internal void Add(Action save)
    {
        if (_thread is null)
        {
            _thread = new Thread(Run) { IsBackground = true, Name = "store" };
            _thread.Start();
        }

        _saves.Add(save);
    }

    /// <summary>Ends the thread after the queued saves.</summary>
    public void Dispose() => _saves.CompleteAdding();

    private void Run()
    {
        foreach (var save in _saves.GetConsumingEnumerable())
            save();
    }
}
