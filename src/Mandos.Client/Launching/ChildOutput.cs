using Mandos.Core.Linux;
using Mandos.Core.Linux.FileDescriptors;
using Mandos.Core.Secrets;

namespace Mandos.Client.Launching;

/// <summary>
/// The output of a child, which may be a password, so it is read directly into locked memory. It is used only if the child succeeds.
/// Processes that the child left behind may keep the pipe open forever.
/// </summary>
#pragma warning disable CA1001 // The thread that reads disposes what is here, when it ends; nothing else knows when that is.
internal sealed class ChildOutput
#pragma warning restore CA1001
{
    private static readonly TimeSpan LastBytes = TimeSpan.FromSeconds(1);

    private readonly Wakeup _wakeup = new();
    private readonly Descriptor _source;
    private readonly int _largest;
    private volatile bool _stopped;

    /// <summary>Reads on a thread of its own, which closes the descriptor.</summary>
    internal ChildOutput(Descriptor source, int largest)
    {
        _source = source;
        _largest = largest;
        Whole = BlockingTask.Run(Read);
    }

    /// <summary>The complete output, or null if it is too large or could not be read. The caller that awaits it owns it.</summary>
    internal Task<SecretBuffer?> Whole { get; }

    /// <summary>Why <see cref="Whole"/> is null.</summary>
    internal string? Problem { get; private set; }

    /// <summary>
    /// Takes the output of a child that has ended: complete, or what there is if its end does not come soon. The caller owns it.
    /// </summary>
    internal async Task<SecretBuffer?> TakeAsync(TimeProvider time)
    {
        await Task.WhenAny(Whole, Task.Delay(LastBytes, time, CancellationToken.None));
        Stop();
        return await Whole;
    }

    /// <summary>Wipes the output, which no caller awaits any more.</summary>
    internal void Forget()
    {
        Stop();
        _ = Whole.ContinueWith(static done => done.Result?.Dispose(), TaskScheduler.Default);
    }

    private void Stop()
    {
        _stopped = true;
        _wakeup.Wake();
    }

    private SecretBuffer? Read()
    {
        using (_wakeup)
        using (_source)
        {
            var output = SecretInput.ReadToEnd(_source.Number, _largest, IsThereMore, out var error);
            if (output is null)
                Problem = error.Ok ? $"it printed {PasswordLimits.Excess(_largest)}" : $"its output cannot be read: {error}";
            return output;
        }
    }

    /// <summary>Waits for more; false if reading was stopped and nothing is left.</summary>
    private bool IsThereMore()
    {
        Span<PollEntry> entries = [default, new PollEntry { Descriptor = _source.Number, Events = PollEntry.Readable }];
        while (true)
        {
            var stopped = _stopped;
            _wakeup.Wait(entries, stopped ? 0 : -1);
            if (entries[1].Returned != 0)
                return true;
            if (stopped)
                return false;
        }
    }
}
