using System.Text;
using Mandos.Core.Linux;
using Mandos.Core.Linux.FileDescriptors;

namespace Mandos.Client.Hosting;

/// <summary>
/// What the boot executable says on standard error: <c>name: error: what happened</c>, lower case, no full stop, a hint on
/// its own line. One write(2) a message, so that the lines of two processes do not mix. Nothing secret is ever said.
/// A console or pipe that takes nothing holds nothing up: after the first wait for it, messages are lost until it does.
/// </summary>
internal sealed class Messages(string program, bool debug, int descriptor = Messages.StandardError)
{
    private const int StandardError = 2;
    private const int PatienceMilliseconds = 1000;

    private volatile bool _isStuck;

    /// <summary>Takes what <c>--debug</c> shows; null without it, so that the text need not be made.</summary>
    internal Action<string>? Debug => debug ? Say : null;

    /// <summary>Something that ends the run.</summary>
    internal void Error(string text, string? hint = null) => Write($"{program}: error: {text}\n" + (hint is null ? "" : $"hint: {hint}\n"));

    /// <summary>What to do about an error that the network process has reported.</summary>
    internal void Hint(string text) => Write($"hint: {text}\n");

    /// <summary>Something that went wrong and does not end the run.</summary>
    internal void Warning(string text) => Write($"{program}: warning: {text}\n");

    /// <summary>Something a person wants to know and that is nothing wrong.</summary>
    internal void Notice(string text) => Say(text);

    /// <summary>The same, with what to do.</summary>
    internal void Warning(string text, string hint) => Write($"{program}: warning: {text}\nhint: {hint}\n");

    /// <summary>A text as it is.</summary>
    internal void Write(string text)
    {
        if (text.Length == 0)
            return;
        var patience = _isStuck ? 0 : PatienceMilliseconds;
        var error = DescriptorIo.WriteAll(descriptor, Encoding.UTF8.GetBytes(text), patience, CancellationToken.None, out _);
        _isStuck = error.Code == Errno.TryAgain;
    }

    private void Say(string text) => Write($"{program}: {text}\n");
}
