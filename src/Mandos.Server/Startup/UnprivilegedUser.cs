using Mandos.Core.Linux.Privileges;
using Mandos.Core.Linux.Processes;
using Mandos.Server.Exit;
using Mandos.Server.Logging;
using Microsoft.Extensions.Logging;

namespace Mandos.Server.Startup;

/// <summary>The user that the server changes to before it listens, when root starts it.</summary>
internal static class UnprivilegedUser
{
    private static readonly string[] Names = ["_mandos", "mandos", "nobody"];

    /// <summary>The first of the known user names that exists; null if the program does not run as root and keeps its user.</summary>
    internal static UserAccount? Find(ILogger logger)
    {
        if (Credentials.EffectiveUser != 0)
            return null;
        var account = Names.Select(UserAccount.Find).FirstOrDefault(found => found is not null);
        if (account is null)
            logger.KeepsRoot(string.Join(", ", Names));
        return account;
    }

    /// <summary>Changes to that user permanently; does nothing for null.</summary>
    /// <exception cref="StartupException">The kernel refused.</exception>
    internal static void Become(UserAccount? account)
    {
        if (account is null)
            return;
        var error = Credentials.Become(account.UserId, account.GroupId);
        if (!error.Ok)
            throw new StartupException($"cannot become user {account.Name}: {error}");
        // A change of user resets this to the value of /proc/sys/fs/suid_dumpable.
        ProcessMemory.ForbidDumps();
    }
}
