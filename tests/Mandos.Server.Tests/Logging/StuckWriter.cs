using System.Text;

namespace Mandos.Server.Tests.Logging;

/// <summary>
/// A terminal that was stopped (Ctrl-S), or a pipe that is full: a line that is written there waits until this is disposed.
/// </summary>
internal sealed class StuckWriter : TextWriter
{
    private readonly ManualResetEventSlim _gate = new();

    internal bool HasWritten { get; private set; }

    public override Encoding Encoding => Encoding.UTF8;

    public override void Write(char value) => WriteLine("");

    public override void WriteLine(string? value)
    {
        _gate.Wait(TestContext.Current.CancellationToken);
        HasWritten = true;
    }

    protected override void Dispose(bool disposing)
    {
        _gate.Set();
        base.Dispose(disposing);
    }
}
