using System.Text;
using Mandos.Core.Linux;
using Mandos.Core.Linux.FileDescriptors;

namespace Mandos.Client.Hosting;

/// <summary>
/// Messages of the boot executable on standard error: <c>name: error: what happened</c>, lower case, no full stop, a hint on a line of its
/// own. Each message is one write(2), so that the lines of two processes do not mix. No message contains a secret. A console or pipe that
/// is not read does not block the program: after the first wait, messages are dropped until it can be written again.
/// </summary>
internal sealed class Messages(string program, bool debug, int descriptor = Messages.StandardError)
{
    private const int StandardError = 2;
    private const int PatienceMilliseconds = 1000;

    private volatile bool _isStuck;

    /// <summary>Prints debug messages; null without <c>--debug</c>, so that the text need not be built.</summary>
    internal Action<string>? Debug => debug ? Say : null;

    /// <summary>Prints an error that ends the run.</summary>
    internal void Error(string text, string? hint = null) => Write($"{program}: error: {text}\n" + (hint is null ? "" : $"hint: {hint}\n"));

    /// <summary>Prints the hint for an error that the network process has printed.</summary>
    internal void Hint(string text) => Write($"hint: {text}\n");

    /// <summary>Prints a warning, which does not end the run.</summary>
    internal void Warning(string text) => Write($"{program}: warning: {text}\n");

    /// <summary>Prints information that is not a problem.</summary>
    internal void Notice(string text) => Say(text);

    /// <summary>Prints a warning with a hint.</summary>
    internal void Warning(string text, string hint) => Write($"{program}: warning: {text}\nhint: {hint}\n");

    /// <summary>Prints a text unchanged.</summary>
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
