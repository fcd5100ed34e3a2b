using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Mandos.Core.Linux.Processes;

namespace Mandos.Core.Secrets;

/// <summary>
/// The only place for secret bytes: memory outside the managed heap that is locked, excluded from core dumps and wiped on disposal. It is a
/// slot of the <see cref="SecretArena"/>, or pages of its own if it is long. There is no finalizer, because a span may outlive the
/// reference. The code that creates or receives a buffer owns and disposes it; <see cref="Span"/> is only borrowed.
/// </summary>
/// <remarks>Never logged, never turned into a string: <see cref="ToString"/> shows only the length.</remarks>
public sealed unsafe class SecretBuffer : MemoryManager<byte>
{
    [ThreadStatic]
    private static long _takenByThread;

    private readonly SecretSlab? _slab;
    private readonly nuint _capacity;
    private bool _isLocked;
    private nint _address;
    private int _length;

    /// <summary>Creates an empty buffer with a capacity of at least <paramref name="capacity"/> bytes.</summary>
    public SecretBuffer(int capacity)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(capacity);
        if (capacity <= SecretArena.Longest)
        {
            _address = (nint)SecretArena.Shared.Take(capacity, out _slab);
            _capacity = (nuint)_slab.Capacity;
            _takenByThread += (long)_capacity;
            return;
        }

        var page = (nuint)Environment.SystemPageSize;
        _capacity = ((nuint)capacity + page - 1) / page * page;
        var pages = ProcessMemory.Map(_capacity);
        _address = (nint)pages;
        _isLocked = ProcessMemory.Lock(pages, _capacity);
        _takenByThread += (long)_capacity;
    }

    /// <summary>The total size of all buffers that the calling thread has created so far; measures the cost of an input.</summary>
    internal static long TakenByCurrentThread => _takenByThread;

    /// <summary>False if the system refused to lock the memory, so that it may be swapped out.</summary>
    public bool IsLocked => _slab?.IsLocked ?? _isLocked;

    /// <summary>Tries to lock the memory if that failed before: other secrets may have been wiped since.</summary>
    public bool TryLock()
    {
        if (_slab is not null)
            return SecretArena.Shared.TryLock(_slab);
        // Another thread may dispose the buffer, which is not an error here.
        var address = (byte*)Volatile.Read(ref _address);
        _isLocked = _isLocked || (address is not null && ProcessMemory.Lock(address, _capacity));
        return _isLocked;
    }

    /// <summary>The number of bytes in use.</summary>
    public int Length => _length;

    /// <summary>The capacity in bytes.</summary>
    public int Capacity => checked((int)_capacity);

    /// <summary>The bytes in use.</summary>
    public Span<byte> Span => GetSpan();

    /// <summary>The free space after the bytes in use; mark written bytes as used with <see cref="Advance"/>.</summary>
    public Span<byte> Free => new(Address + _length, Capacity - _length);

    /// <summary>Marks bytes that were written to <see cref="Free"/> as used.</summary>
    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, Capacity - _length);
        _length += count;
    }

    /// <summary>Changes the number of bytes in use; wipes the rest when it shrinks.</summary>
    public void SetLength(int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, Capacity);
        if (length < _length)
            Wipe(new Span<byte>(Address + length, _length - length));
        _length = length;
    }

    /// <summary>Appends bytes.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The bytes do not fit.</exception>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes.Length, Capacity - _length, nameof(bytes));
        bytes.CopyTo(Free);
        _length += bytes.Length;
    }

    /// <summary>Creates a buffer with a copy of <paramref name="bytes"/>; the caller wipes the original.</summary>
    public static SecretBuffer CopyOf(ReadOnlySpan<byte> bytes)
    {
        var buffer = new SecretBuffer(bytes.Length);
        buffer.Append(bytes);
        return buffer;
    }

    /// <summary>Overwrites bytes in a way that the compiler does not optimize away.</summary>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.NoOptimization)]
    public static void Wipe(Span<byte> bytes) => bytes.Clear();

    /// <inheritdoc />
    public override Span<byte> GetSpan() => new(Address, _length);

    /// <inheritdoc />
    public override MemoryHandle Pin(int elementIndex = 0) => new(Address + elementIndex);

    /// <inheritdoc />
    public override void Unpin()
    {
        // The pages never move.
    }

    /// <summary>Wipes and releases the memory; may be called again.</summary>
    public void Dispose() => Dispose(disposing: true);

    /// <summary>The length, never the content.</summary>
    public override string ToString() => $"{_length} secret bytes";

    private byte* Address
    {
        get
        {
            ObjectDisposedException.ThrowIf(_address == 0, this);
            return (byte*)_address;
        }
    }

    /// <inheritdoc />
    protected override void Dispose(bool disposing)
    {
        // A second call finds nothing.
        var address = (byte*)Interlocked.Exchange(ref _address, 0);
        _length = 0;
        if (address is null)
            return;
        if (_slab is not null)
        {
            SecretArena.Shared.GiveBack(_slab, address);
            return;
        }

        NativeMemory.Clear(address, _capacity);
        ProcessMemory.Unmap(address, _capacity);
    }
}
