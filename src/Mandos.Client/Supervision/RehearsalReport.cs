using System.Diagnostics.CodeAnalysis;
using System.Text;
using Mandos.Client.Hosting;
using Mandos.Core.Linux;
using Mandos.Core.Linux.FileDescriptors;

namespace Mandos.Client.Supervision;

/// <summary>
/// The report of a rehearsal: all messages, of the network process too, go through a pipe to standard output, without the name of the
/// program, and warnings are counted.
/// </summary>
internal sealed class RehearsalReport : IDisposable
{
    private const int LongestLine = 4096;
    private const string Prefix = $"{RoleNames.Client}: ";

    private readonly Descriptor _source;
    private readonly Descriptor _target;
    private readonly Messages _output;
    private readonly Task _reading;

    private RehearsalReport(Descriptor source, Descriptor target, int output, bool debug)
    {
        _source = source;
        _target = target;
        _output = new Messages(RoleNames.Client, debug: false, output);
        Messages = new Messages(RoleNames.Client, debug, target.Number);
        _reading = BlockingTask.Run(() =>
        {
            Read();
            return true;
        });
    }

    /// <summary>Prints messages into the report.</summary>
    internal Messages Messages { get; }

    /// <summary>The descriptor for messages of other processes.</summary>
    internal int Descriptor => _target.Number;

    /// <summary>Whether there were warnings; valid after <see cref="EndAsync"/>.</summary>
    internal bool HasWarnings { get; private set; }

    /// <summary>Starts a report that is printed to a descriptor.</summary>
    internal static bool TryStart(int output, bool debug, [NotNullWhen(true)] out RehearsalReport? report, out Errno error)
    {
        error = Core.Linux.FileDescriptors.Descriptor.Pipe(out var source, out var target);
        report = error.Ok ? new RehearsalReport(source, target, output, debug) : null;
        return error.Ok;
    }

    /// <summary>Completes when all messages are printed; no message may follow.</summary>
    internal Task EndAsync()
    {
        _target.Dispose();
        return _reading;
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _target.Dispose();
        _source.Dispose();
    }

    private void Read()
    {
        var line = new byte[LongestLine];
        var length = 0;
        Span<byte> bytes = stackalloc byte[1024];
        while (DescriptorIo.Read(_source.Number, bytes, out var count).Ok && count > 0)
        {
            foreach (var one in bytes[..count])
            {
                if (one != '\n' && length < LongestLine)
                    line[length++] = one;
                if (one != '\n' && length < LongestLine)
                    continue;
                Print(Encoding.UTF8.GetString(line, 0, length));
                length = 0;
            }
        }

        if (length > 0)
            Print(Encoding.UTF8.GetString(line, 0, length));
    }

    private void Print(string line)
    {
        if (line.StartsWith(Prefix, StringComparison.Ordinal))
            line = line[Prefix.Length..];
        HasWarnings |= line.StartsWith("warning: ", StringComparison.Ordinal);
        _output.Write($"{line}\n");
    }
}
