using System.Globalization;
using Mandos.Bus.Connections;
using Mandos.Bus.Messages;
using Mandos.Core.Linux.Privileges;

namespace Mandos.Server.Bus;

/// <summary>A caller, for the log: it identifies which of several administrators made a change.</summary>
/// <param name="Uid">The user ID, as the bus reports it.</param>
/// <param name="User">The user's name in /etc/passwd.</param>
/// <param name="Pid">The process ID; the process may have ended since.</param>
internal sealed record BusPerson(string Uid, string User, string Pid)
{
    private const string Unknown = "unknown";

    /// <summary>After this time the caller counts as unknown: it has left, or the bus does not respond.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>Queries the bus; never fails.</summary>
    internal static async Task<BusPerson> FindAsync(BusCall call)
    {
        // Both queries run at the same time: a caller that does not wait for its answer leaves soon.
        var user = AskAsync("GetConnectionUnixUser");
        var process = AskAsync("GetConnectionUnixProcessID");
        var uid = await user.ConfigureAwait(false);
        var name = uid is { } number ? UserAccount.Find(number)?.Name : null;
        return new(Text(uid), name ?? Unknown, Text(await process.ConfigureAwait(false)));

        async Task<uint?> AskAsync(string member)
        {
            try
            {
                return await call.AskBusAsync(member, Patience).ConfigureAwait(false);
            }
            catch (Exception e) when (e is BusException or BusConnectionException)
            {
                return null;
            }
        }
    }

    private static string Text(uint? number) => number?.ToString(CultureInfo.InvariantCulture) ?? Unknown;
}
