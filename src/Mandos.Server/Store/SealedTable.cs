using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Mandos.Server.Store;

/// <summary>A table of the store whose rows each carry a seal over all their values; its statements are prepared once.</summary>
internal sealed class SealedTable : IDisposable
{
    private readonly string _name;
    private readonly RowSeal _seal;
    private readonly SqliteCommand _select;
    private readonly SqliteCommand _put;
    private readonly SqliteCommand _delete;
    private readonly SqliteCommand _clear;

    /// <param name="database">The open database.</param>
    /// <param name="name">The name of the table.</param>
    /// <param name="columns">The columns except the position and the seal; the first is the client's name, which is unique.</param>
    /// <param name="seal">Computes the seals.</param>
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

    /// <summary>Returns all rows in insertion order; null for a row with an invalid seal.</summary>
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

    /// <summary>Replaces the row with the same name, or appends a row.</summary>
    internal void Put(IReadOnlyList<object?> values)
    {
        for (var i = 0; i < values.Count; i++)
            _put.Parameters[i].Value = values[i] ?? DBNull.Value;
        _put.Parameters[values.Count].Value = _seal.Of(_name, values);
        _ = _put.ExecuteNonQuery();
    }

    /// <summary>Deletes a row if it exists.</summary>
    internal void Delete(string name)
    {
        _delete.Parameters[0].Value = name;
        _ = _delete.ExecuteNonQuery();
    }

    /// <summary>Deletes all rows.</summary>
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
