using Mandos.Core.Text;

namespace Mandos.Server.ClientFiles;

/// <summary>
/// The clients that a start kept as they were saved, because clients.conf or clients.d, which existed at the start before, is missing. A
/// client that was removed because of that would be a new one, and enabled, once the file is back.
/// </summary>
/// <param name="Names">Those that have no section in any other file.</param>
/// <param name="InMain">Whether clients.conf is missing or empty.</param>
/// <param name="InFolder">Whether clients.d is missing.</param>
internal sealed record AwaitedClients(IReadOnlySet<string> Names, bool InMain, bool InFolder)
{
    /// <summary>No clients: nothing is missing.</summary>
    internal static AwaitedClients None { get; } = new(new HashSet<string>(), false, false);

    /// <summary>Whether there are no such clients.</summary>
    internal bool IsEmpty => Names.Count == 0;

    /// <summary>What becomes of a number of such clients, for messages.</summary>
    internal static Quantity Kept(int number) =>
        Quantity.Of(
            number, "client that is in no other file is kept as it was saved",
            "clients that are in no other file are kept as they were saved");

    /// <summary>Whether clients.conf is still missing in a new reading, and with it clients.</summary>
    internal bool LackMain(ClientsReading reading) => InMain && !reading.HasMain && reading.Without(Names).Count > 0;

    /// <summary>Whether clients.d is still missing in a new reading, and with it clients.</summary>
    internal bool LackFolder(ClientsReading reading) => InFolder && !reading.HasFolder && reading.Without(Names).Count > 0;
}
