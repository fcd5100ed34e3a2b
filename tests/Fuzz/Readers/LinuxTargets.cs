using System.Runtime.InteropServices;
using System.Text;
using Mandos.Client.Agent;
using Mandos.Client.CommandLine;
using Mandos.Client.ProcessBoundary;
using Mandos.Client.Runner;
using Mandos.Client.Supervision;
using Mandos.Core.Linux.FileDescriptors;
using Mandos.Core.Linux.Files;
using Mandos.Core.Linux.Netlink;

namespace Mandos.Fuzz.Readers;

/// <summary>
/// What the kernel, systemd, the boot and our own other process say: netlink, inotify, questions for passwords, settings, the two
/// pipes.
/// </summary>
internal static class LinuxTargets
{
    internal static IEnumerable<FuzzTarget> All =>
    [
        new("netlink", NetlinkSeeds(), Netlink),
        new("control-message", ControlSeeds(), bytes => _ = ControlMessage.TryDecode(bytes, out _)),
        new("password-pipe", [[3, 0, 0, 0, 1, 2, 3], [0, 0, 0, 0], [255, 255, 255, 255, 1], [0, 0, 0, 1]], ReadPipe),
        new(
            "inotify", [Seeds.Hex("0100000008000000000000000800000061736B2E61000000"), Seeds.Hex("01000000004000000000000000000000")],
            bytes => _ = InotifyEvents.Parse(bytes)),
        new("plugin-runner.conf", Seeds.Texts("--options-for=a:b # c\n--debug\0x\n"), bytes => _ = ConfigWords.Read(bytes)),
        new(
            "server-address", Seeds.Texts("10.0.0.1:4711", "[fe80::1%eth0]:4711", "[::ffff:192.0.2.1]:1", "server:1"),
            bytes => _ = ServerAddress.TryParse(Encoding.UTF8.GetString(bytes), out _, out _)),
        new(
            "ask-file", AskSeeds(),
            bytes =>
                _ = AskFile.TryParse(bytes, out _, out _)) { Words = Seeds.Texts(
                    "\n[Ask]\n", "Socket=/", "PID=", "NotAfter=", "Id=cryptsetup:", "Message=", "\\s", "\n#") },
    ];

    private static void Netlink(byte[] bytes)
    {
        var table = new LinkTable();
        var reader = new NetlinkReader(bytes);
        while (reader.MoveNext())
            _ = table.ChangeOf(table.Apply(reader.Type, reader.Payload));
        _ = table.ChangesSince(new LinkTable());
    }

    private static unsafe void ReadPipe(byte[] bytes)
    {
        // A pipe takes this much without a reader.
        var ends = stackalloc int[2];
        if (Pipe(ends) != 0)
            throw new InvalidOperationException("no pipe");
        _ = DescriptorIo.WriteAll(ends[1], bytes.AsSpan(0, Math.Min(bytes.Length, 4096)), out _);
        _ = Close(ends[1]);
        using (var reception = new PasswordReception())
        {
            while (!reception.Take(ends[0]))
            {
                // One read more.
            }

            reception.TakePassword()?.Dispose();
        }

        _ = Close(ends[0]);
    }

    [DllImport("libc", EntryPoint = "pipe")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern unsafe int Pipe(int* ends);

    [DllImport("libc", EntryPoint = "close")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Close(int descriptor);

    /// <summary>A link with its name, and an address of it (rtnetlink(7)).</summary>
    private static byte[][] NetlinkSeeds()
    {
        var link = Seeds.Hex("2c0000001000000000000000000000000000010002000000430001000000000009000300657468300000000000"[..88]);
        var address = Seeds.Hex(
            "2c00000014000000000000000000000002180000020000000800010a0000010008000200" + "0a00000108000800800000000000"[..16]);
        return [link, address, [.. link, .. address]];
    }

    private static byte[][] ControlSeeds()
    {
        var route = new byte[ControlMessage.Size];
        new ControlMessage(ControlKind.AddRoute, 1, 2, "eth0", System.Net.IPAddress.Parse("2001:db8::1")).Encode(route);
        var usable = new byte[ControlMessage.Size];
        new ControlMessage(ControlKind.InterfaceUsable, 0, 3, "enp0s1", System.Net.IPAddress.Parse("10.0.0.1")).Encode(usable);
        return [route, usable];
    }

    private static byte[][] AskSeeds() => Seeds.Texts(
        "[Ask]\nPID=181\nSocket=/run/systemd/ask-password/sck.50ea\nNotAfter=0\nMessage=disk\nId=cryptsetup:/dev/sda3\n",
        "#\n[Ask]\nSocket=/a\\sb\nPID=1\n[x]\n");
}
