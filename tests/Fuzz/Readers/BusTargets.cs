using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using Mandos.Bus;
using Mandos.Bus.Connections;
using Mandos.Bus.Messages;
using Mandos.Server.Bus.Interfaces;
using Mandos.Server.Bus.Requests;

namespace Mandos.Fuzz.Readers;

/// <summary>
/// Calls on the bus: the input names the method and writes a body of any types by libsystemd, which checks what a bus checks;
/// then the server reads it.
/// </summary>
internal static partial class BusTargets
{
    private static readonly string[] Paths = [Names.Root, ClientPath.Parent + "/a", ClientPath.Parent, "/"];

    private static readonly (string Interface, string Member)[] Methods =
    [
        (Names.MoreServer, "AddClient"), (Names.Properties, "Set"), (Names.Properties, "Get"), (Names.Properties, "GetAll"),
        (Names.Server, "RemoveClient"), (Names.MoreServer, "SetLogLevel"),
        (Names.Client, "Approve"), (Names.Client, "CheckedOK"), (Names.ObjectManager, "GetManagedObjects"),
        (Names.Introspectable, "Introspect"), (Names.MoreServer, "Reload"), (Names.OldClient, "Approve"),
    ];

    private static readonly string[] Texts =
    [
        "KeyID", "Host", "Checker", "Timeout", "Interval", "ApprovalDelay", "Enabled", "Secret", Names.Client, Names.Server, "/a", "sv",
        "DEBUG",
        "ab00000000000000000000000000000000000000000000000000000000000001",
    ];

    private static readonly Socket Listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private static readonly nint Connection = NewBus();

    internal static IEnumerable<FuzzTarget> All =>
    [
        // AddClient("a", {"KeyID": ..., "Timeout": 1}, secret), then Set(interface, "Timeout", 1).
        new("bus-call", [[0, 0, 0, 1, 97, 10, 2, 11, 12, 0, 0, 0, 141], [1, 1, 128 + 8, 128 + 3, 9, 7, 1]], Call),
    ];

    private static void Call(byte[] bytes)
    {
        var script = new Script(bytes);
        var path = Paths[script.Byte() % Paths.Length];
        var (@interface, member) = Methods[script.Byte() % Methods.Length];
        if (SdBus.NewMethodCall(Connection, out var message, "a.b", path, @interface, member) < 0)
            return;
        try
        {
            for (var i = 0; i < 16 && !script.AtEnd; i++)
                Write(new BusWriter(message), ref script);
            if (Seal(message, 1, 0) < 0 || SdBus.Rewind(message, 1) < 0)
                return;
            _ = RequestReader.Read(new BusCall(null!, message, path, @interface, member, ":1.1"), new BusReader(message));
        }
        catch (Exception e) when (e is BusException or InvalidOperationException)
        {
            // The documented answer to arguments that do not serve, and what libsystemd does not write.
        }
        finally
        {
            _ = SdBus.Unreference(message);
        }
    }

    /// <summary>One value; a byte from 128 on is a text of the list.</summary>
    private static void Write(BusWriter writer, ref Script script)
    {
        var kind = script.Byte();
        if (kind >= 128)
        {
            writer.WriteString(Texts[kind % Texts.Length]);
            return;
        }

        switch (kind % 13)
        {
            case 0:
                writer.WriteByte(script.Byte());
                break;
            case 1:
                writer.WriteString(Encoding.Latin1.GetString(script.Take(script.Byte())));
                break;
            case 2:
                writer.WriteBoolean(script.Byte() > 127);
                break;
            case 3:
                writer.WriteInt16((short)script.Pair());
                break;
            case 4:
                writer.WriteUInt32(((uint)script.Pair() << 16) | script.Pair());
                break;
            case 5:
                writer.WriteInt64(((long)script.Pair() << 48) | script.Pair());
                break;
            case 6:
                writer.WriteUInt64(((ulong)script.Pair() << 48) | script.Pair());
                break;
            case 7:
                writer.WriteDouble(script.Pair());
                break;
            case 8:
                writer.WriteObjectPath(Paths[script.Byte() % Paths.Length]);
                break;
            case 9:
                writer.OpenVariant("t");
                writer.WriteUInt64(script.Pair());
                writer.Close();
                break;
            case 10:
                WriteDictionary(writer, ref script);
                break;
            case 11:
                writer.WriteBytes(script.Take(script.Byte()));
                break;
            default:
                writer.WriteStrings([Texts[script.Byte() % Texts.Length]]);
                break;
        }
    }

    private static void WriteDictionary(BusWriter writer, ref Script script)
    {
        writer.OpenArray("{sv}");
        for (var entries = script.Byte() % 8; entries > 0; entries--)
        {
            writer.OpenEntry("sv");
            writer.WriteString(Texts[script.Byte() % Texts.Length]);
            switch (script.Byte() % 4)
            {
                case 0:
                    writer.OpenVariant("s");
                    writer.WriteString(script.Byte() > 127 ? Texts[^1] : Encoding.Latin1.GetString(script.Take(script.Byte())));
                    break;
                case 1:
                    writer.OpenVariant("t");
                    writer.WriteUInt64(((ulong)script.Pair() << 32) | script.Pair());
                    break;
                case 2:
                    writer.OpenVariant("b");
                    writer.WriteBoolean(script.Byte() > 127);
                    break;
                default:
                    writer.OpenVariant("v");
                    writer.OpenVariant("i");
                    writer.WriteInt32(script.Pair());
                    writer.Close();
                    break;
            }

            writer.Close();
            writer.Close();
        }

        writer.Close();
    }

    /// <summary>The product has no need of it: the bus seals what it sends.</summary>
    [LibraryImport("libsystemd.so.0", EntryPoint = "sd_bus_message_seal")]
    private static partial int Seal(nint message, ulong cookie, ulong timeout);

    /// <summary>libsystemd makes messages for a connection alone: this one gets as far as a socket that takes it.</summary>
    private static nint NewBus()
    {
        var name = $"mandos-fuzz-bus-{Environment.ProcessId}";
        Listener.Bind(new UnixDomainSocketEndPoint($"\0{name}"));
        Listener.Listen(1);
        return SdBus.New(out var bus) >= 0 && SdBus.SetAddress(bus, $"unix:abstract={name}") >= 0 && SdBus.Start(bus) >= 0
            ? bus
            : throw new InvalidOperationException("libsystemd gives no connection");
    }
}
