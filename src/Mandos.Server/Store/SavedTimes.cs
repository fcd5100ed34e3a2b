namespace Mandos.Server.Store;

/// <summary>The times of a client after a successful check; they replace those in its row.</summary>
/// <param name="LastCheckedOk">Ticks in UTC; -1 for never.</param>
/// <param name="LastCheckerStatus">As in <see cref="Clients.ClientState.LastCheckerStatus"/>.</param>
/// <param name="Expires">Ticks in UTC.</param>
/// <param name="Remaining">Ticks.</param>
/// <param name="Saved">Ticks in UTC.</param>
/// <param name="SavedBoot">Ticks of the clock of the boot.</param>
/// <param name="BootId">The ID of that boot.</param>
internal sealed record SavedTimes(
    long LastCheckedOk, int LastCheckerStatus, long Expires, long Remaining, long Saved, long SavedBoot, string BootId)
{
    private static readonly int MaintenancePlace = Array.IndexOf(ClientRow.Columns, "maintenance_left");

    /// <summary>The positions of these values in a row.</summary>
    private static readonly int[] Places =
        [.. ((string[])["last_checked_ok", "last_checker_status", "expires", "remaining", "saved", "saved_boot", "boot_id"])
        .Select(column => Array.IndexOf(ClientRow.Columns, column))];

    /// <summary>Writes the times into the values of a row. What it says of maintenance is then as of the later save.</summary>
    internal void PutInto(object?[] row)
    {
        if (row[MaintenancePlace] is long left)
            row[MaintenancePlace] = left - Math.Max(0, SinceRow(row));
        object?[] values =
            [LastCheckedOk < 0 ? null : LastCheckedOk, (long)LastCheckerStatus, Expires, Remaining, Saved, SavedBoot, BootId];
        for (var i = 0; i < values.Length; i++)
            row[Places[i]] = values[i];
    }

    /// <summary>The ticks between the save of the row and this one, by the clock of the boot if it is the same.</summary>
    private long SinceRow(object?[] row)
    {
        var (saved, savedBoot, bootId) = ((long)row[Places[4]]!, (long)row[Places[5]]!, (string)row[Places[6]]!);
        return bootId.Length > 0 && bootId == BootId ? SavedBoot - savedBoot : Saved - saved;
    }
}
