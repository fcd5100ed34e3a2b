namespace Mandos.Interop.Servers;

/// <summary>A user that the package of mandos-web and mandos-notify creates, with what the system bus permits it.</summary>
internal static class ServiceUser
{
    /// <summary>Adds the user and the rules, which a bus that runs reads again.</summary>
    /// <param name="machine">The machine.</param>
    /// <param name="user">The user.</param>
    /// <param name="policy">The file of the rules in the source of the package.</param>
    public static async Task AddAsync(Machine machine, string user, string policy)
    {
        await machine.ShellAsync(
            $"getent passwd {user} >/dev/null || useradd --system --user-group --home-dir /nonexistent --shell /usr/sbin/nologin {user}",
            TestContext.Current.CancellationToken);
        var rules = await File.ReadAllBytesAsync(
            Path.Combine(Golden.Root, "packaging/debian/mandos-web-dotnet", policy), TestContext.Current.CancellationToken);
        machine.WriteFile($"/usr/share/dbus-1/system.d/{user.TrimStart('_')}.conf", rules, (UnixFileMode)0b110_100_100);
        await machine.ShellAsync("pkill -HUP dbus-daemon || true", TestContext.Current.CancellationToken);
    }
}
