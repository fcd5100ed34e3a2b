using Mandos.Boot.Disks;
using Mandos.Boot.Emulation;

namespace Mandos.Boot.Guests;

/// <summary>The question for the password of a disk, as each initramfs shows it on the console.</summary>
internal static class GuestPrompt
{
    /// <summary>The words it is known by.</summary>
    /// <param name="generator">What made the initramfs.</param>
    /// <param name="withMandos">False where Mandos is switched off.</param>
    public static string Of(Generator generator, bool withMandos = true) => (generator, withMandos) switch
    {
        (Generator.InitramfsTools, _) => "Please unlock disk ",
        (Generator.DracutSystemd, _) => "lease enter passphrase for disk ",
        // dracut's own words for a question that is not cryptsetup's.
        (_, true) => "Password (",
        _ => "Enter passphrase for ",
    };

    /// <summary>Waits for it.</summary>
    public static Task<Sight> WaitAsync(
        VirtualMachine guest, Generator generator, TimeSpan limit, CancellationToken cancellationToken, Sight? from = null,
        bool withMandos = true) =>
        guest.Console.WaitForAsync(Of(generator, withMandos), limit, cancellationToken, from);

    /// <summary>Types what opens the disks; a prompt needs a moment after it is shown until it reads.</summary>
    public static async Task TypePasswordAsync(VirtualMachine guest, CancellationToken cancellationToken)
    {
        await Task.Delay(TimeSpan.FromSeconds(1), cancellationToken);
        await guest.Console.TypeLineAsync(GuestDisk.Password, cancellationToken);
    }
}
