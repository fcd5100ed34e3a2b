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
    /// <summary>The positions of these values in a row.</summary>
    private static readonly int[] Places =
        [.. ((string[])["last_checked_ok", "last_checker_status", "expires", "remaining", "saved", "saved_boot", "boot_id"])
        .Select(column => Array.IndexOf(ClientRow.Columns, column))];

    /// <summary>Writes the times into the values of a row.</summary>
    internal void PutInto(object?[] row)
    {
        object?[] values =
            [LastCheckedOk < 0 ? null : LastCheckedOk, (long)LastCheckerStatus, Expires, Remaining, Saved, SavedBoot, BootId];
        for (var i = 0; i < values.Length; i++)
            row[Places[i]] = values[i];
    }
}
