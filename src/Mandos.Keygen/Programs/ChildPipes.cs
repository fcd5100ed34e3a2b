using Mandos.Core.Linux.FileDescriptors;
using Mandos.Core.Linux.Processes;
using Mandos.Keygen.Failures;

namespace Mandos.Keygen.Programs;

/// <summary>The pipes between this program and a child.</summary>
internal sealed class ChildPipes : IDisposable
{
    private readonly Lock _lock = new();
    private readonly List<Descriptor> _ours = [];
    private readonly List<Descriptor> _theirs = [];
    private readonly List<InheritedDescriptor> _inherited = [];

    public IReadOnlyList<InheritedDescriptor> Inherited => _inherited;

    /// <summary>A pipe from the child's descriptor; returns the end to read from.</summary>
    public int From(int descriptor)
    {
        var (read, write) = Create();
        _ours.Add(read);
        _theirs.Add(write);
        _inherited.Add(new(write.Number, descriptor));
        return read.Number;
    }

    /// <summary>A pipe to the child's descriptor; returns the end to write to.</summary>
    public int To(int descriptor)
    {
        var (read, write) = Create();
        _ours.Add(write);
        _theirs.Add(read);
        _inherited.Add(new(read.Number, descriptor));
        return write.Number;
    }

    /// <summary>Closes the child's ends here, so that the end of its output is seen, and a write fails when it has ended.</summary>
    public void CloseTheirs() => Close(_theirs);

    /// <summary>Closes one of our ends.</summary>
    public void Close(int number)
    {
        lock (_lock)
            _ours.FirstOrDefault(end => end.Number == number)?.Dispose();
    }

    public void Dispose()
    {
        Close(_theirs);
        Close(_ours);
    }

    private void Close(List<Descriptor> ends)
    {
        lock (_lock)
            ends.ForEach(static end => end.Dispose());
    }

    private static (Descriptor Read, Descriptor Write) Create()
    {
        var error = Descriptor.Pipe(out var read, out var write);
        return error.Ok ? (read, write) : throw new KeygenException($"no pipe can be created: {error}");
    }
}
