namespace Mandos.Server.Store;

/// <summary>
/// Counts the changes whose loss would matter, in the database with each change, and after it in <see cref="LastChange"/>. A database that
/// has lost its last changes then has the lower number.
/// </summary>
internal sealed class ChangeCounter(StoreDatabase database) : IDisposable
{
    private const string NumberNote = "changes";

    private StateDirectory? _directory;
    private RowSeal? _seal;
    private LastChange? _last;
    private long _number;

    /// <summary>A finding that an administrator should know about; null if there is none.</summary>
    internal string? Notice { get; private set; }

    /// <summary>Refuses a database that ends before the last saved change.</summary>
    internal void Check(StateDirectory directory, RowSeal seal)
    {
        _number = database.Note(NumberNote) is { Length: sizeof(long) } note ? BitConverter.ToInt64(note) : 0;
        var last = LastChange.Read(directory, seal);
        if (last > _number)
            throw StoreFailure.Older(directory, _number, last.Value);
        if (last is null && _number > 0)
            Notice =
                $"{directory.File(LastChange.FileName)} is missing or damaged: {database.Path} may not be the last saved state; check "
                    + "which clients are enabled";
    }

    /// <summary>Writes the numbers of later changes to the file of this directory. Those of a copy in memory are not written.</summary>
    internal void KeepIn(StateDirectory directory, RowSeal seal)
    {
        _directory = directory;
        _seal = seal;
    }

    /// <summary>Opens the file before a change, which must not be made if this fails.</summary>
    internal void Open()
    {
        if (_directory is not null)
            _last ??= LastChange.Open(_directory, _seal!);
    }

    /// <summary>Counts a change, as part of it.</summary>
    internal void Count() => database.Note(NumberNote, BitConverter.GetBytes(_number + 1));

    /// <summary>
    /// Writes the number of a change that was made. The change itself is on disk; without its number only a later loss of it would go
    /// undetected.
    /// </summary>
    internal void Write()
    {
        _number++;
        try
        {
            _last?.Write(_number);
        }
        catch (IOException)
        {
            // The next change writes the number again.
        }
    }

    /// <inheritdoc />
    public void Dispose() => _last?.Dispose();
}
