using Mandos.Core.Linux;
using Mandos.Core.Secrets;

namespace Mandos.Client.Runner;

/// <summary>
/// What a plugin prints: perhaps a password, so it goes straight into locked memory. It is worth nothing before the plugin
/// has ended well.
/// </summary>
internal static class PluginOutput
{
    /// <summary>More is no password; the original has no limit.</summary>
    internal const int Largest = 4 << 20;

    /// <summary>
    /// The whole output, or null if it is too large or could not be read; on a thread of its own, which closes the
    /// descriptor. Whoever awaits the result owns it.
    /// </summary>
    internal static Task<SecretBuffer?> ReadAsync(Descriptor source) => Task.Factory.StartNew(
        () =>
        {
            using (source)
                return DescriptorIo.ReadToEnd(source.Number, Largest, out _);
        },
        CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    /// <summary>Wipes what nobody awaits any more: later, if somebody whom the plugin left behind holds its end open.</summary>
    internal static void Forget(Task<SecretBuffer?> reading) => _ = reading.ContinueWith(static done => done.Result?.Dispose(), TaskScheduler.Default);
}
