using Mandos.Core.Linux;
using Mandos.Core.Secrets;

namespace Mandos.Client.Runner;

/// <summary>
/// What a plugin prints: perhaps a password, so it goes straight into locked memory. It is worth nothing before the plugin
/// has ended well.
/// </summary>
internal sealed class PluginOutput : IDisposable
{
    /// <summary>More is no password; the original has no limit.</summary>
    internal const int Largest = 4 << 20;

    private readonly Task<SecretBuffer?> _reading;

    /// <summary>Reads to the end on a thread of its own; closes the descriptor.</summary>
    internal PluginOutput(Descriptor source) =>
        _reading = Task.Factory.StartNew(() => Read(source), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    /// <summary>The whole output; null if it is too large or could not be read. The caller owns it.</summary>
    internal Task<SecretBuffer?> WholeAsync(CancellationToken stop) => _reading.WaitAsync(stop);

    /// <summary>Forgets what was read. Somebody whom the plugin left behind may hold its end: then it is forgotten later.</summary>
    public void Dispose() => _ = _reading.ContinueWith(static done => done.Result?.Dispose(), TaskScheduler.Default);

    private static SecretBuffer? Read(Descriptor source)
    {
        using (source)
            return DescriptorIo.ReadToEnd(source.Number, Largest, out _);
    }
}
