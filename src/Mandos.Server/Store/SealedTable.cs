using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Mandos.Server.Store;

/// <summary>One table of the store, whose rows carry a seal over all their values; statements are prepared once.</summary>
internal sealed class SealedTable : IDisposable
{
    private readonly string _name;
    private readonly RowSeal _seal;
    private readonly SqliteCommand _select;
    private readonly SqliteCommand _put;
    private readonly SqliteCommand _delete;
    private readonly SqliteCommand _clear;

    /// <param name="database">Open.</param>
    /// <param name="name">Of the table.</param>
    /// <param name="columns">But for the position and the seal; the first is the name of a client, and has no equal.</param>
    /// <param name="seal">Makes the seals.</param>
    internal SealedTable(SqliteConnection database, string name, IReadOnlyList<string> columns, RowSeal seal)
    {
        _name = name;
        _seal = seal;
        string[] all = [.. columns, "seal"];
        var values = all.Select((_, i) => string.Create(CultureInfo.InvariantCulture, $"?{i + 1}"));
        _select = Prepare(database, $"SELECT {string.Join(", ", all)} FROM {name} ORDER BY position", 0);
        _put = Prepare(
            database,
            $"INSERT INTO {name} ({string.Join(", ", all)}) VALUES ({string.Join(", ", values)}) "
            + $"ON CONFLICT (name) DO UPDATE SET {string.Join(", ", all.Skip(1).Select(c => $"{c} = excluded.{c}"))}",
            all.Length);
        _delete = Prepare(database, $"DELETE FROM {name} WHERE name = ?1", 1);
        _clear = Prepare(database, $"DELETE FROM {name}", 0);
    }

    /// <summary>All rows in the order in which they were put; null for one whose seal is broken.</summary>
    internal IEnumerable<object?[]?> Rows()
    {
        using var reader = _select.ExecuteReader();
        while (reader.Read())
        {
            var values = new object?[reader.FieldCount];
            for (var i = 0; i < values.Length; i++)
                values[i] = reader.IsDBNull(i) ? null : reader.GetValue(i);
            yield return values[^1] is byte[] seal && seal.AsSpan().SequenceEqual(_seal.Of(_name, values[..^1])) ? values : null;
        }
    }

    /// <summary>Puts a row in the place of the one of the same name, or behind all others.</summary>
    internal void Put(IReadOnlyList<object?> values)
    {
        for (var i = 0; i < values.Count; i++)
            _put.Parameters[i].Value = values[i] ?? DBNull.Value;
        _put.Parameters[values.Count].Value = _seal.Of(_name, values);
        _ = _put.ExecuteNonQuery();
    }

    /// <summary>Takes a row out, if it is there.</summary>
    internal void Delete(string name)
    {
        _delete.Parameters[0].Value = name;
        _ = _delete.ExecuteNonQuery();
    }

    /// <summary>Takes all rows out.</summary>
    internal void Clear() => _ = _clear.ExecuteNonQuery();

    /// <inheritdoc />
    public void Dispose()
    {
        _select.Dispose();
        _put.Dispose();
        _delete.Dispose();
        _clear.Dispose();
    }

    private static SqliteCommand Prepare(SqliteConnection database, string statement, int parameters)
    {
        var command = database.CreateCommand();
        command.CommandText = statement;
        for (var i = 1; i <= parameters; i++)
            _ = command.Parameters.AddWithValue(string.Create(CultureInfo.InvariantCulture, $"?{i}"), DBNull.Value);
        command.Prepare();
        return command;
    }
}
