using System.Text;
using Mandos.Bus.Messages;
using Mandos.Core.Keys;
using Mandos.Server.Clients;

namespace Mandos.Server.Bus.Requests;

/// <summary>
/// Reads the arguments of AddClient: a name, the properties under their bus names and with their bus types, and the secret. KeyID is
/// required; other missing properties have the defaults of clients.conf.
/// </summary>
internal static class NewClientReader
{
    private const int LongestName = 255;

    /// <summary>Reads the arguments; the definition owns the secret.</summary>
    internal static ClientDefinition Read(BusReader arguments)
    {
        arguments.Expect("sa{sv}ay");
        var name = ReadName(arguments);
        KeyId? key = null;
        var fingerprint = "";
        var enabled = true;
        var settings = ClientSetting.AllBuiltIn;
        var seen = new HashSet<string>();
        arguments.EnterArray("{sv}");
        while (!arguments.AtEnd)
        {
            arguments.EnterEntry("sv");
            var property = arguments.ReadString();
            if (!seen.Add(property))
                throw BusArguments.Invalid($"{property} is given twice");
            arguments.EnterVariant();
            switch (property)
            {
                case "KeyID":
                    key = ReadKey(arguments);
                    break;
                case "Fingerprint":
                    fingerprint = ReadFingerprint(arguments);
                    break;
                case "Enabled":
                    enabled = BusArguments.ReadFlag(arguments, property);
                    break;
                default:
                    settings = ReadSetting(settings, property, arguments);
                    break;
            }

            arguments.Exit();
            arguments.Exit();
        }

        arguments.Exit();
        if (key is null)
            throw BusArguments.Invalid("KeyID is missing");
        return new(name, key, fingerprint, settings, enabled, BusArguments.ReadSecret(arguments));
    }

    private static ClientSettings ReadSetting(ClientSettings settings, string property, BusReader value) =>
        ClientSetting.OnBus(property) is { } setting
        ? BusArguments.ReadSetting(value, setting, settings)
        : throw BusArguments.Invalid($"'{property}' is not a property that a new client can have");

    private static string ReadName(BusReader arguments)
    {
        var name = arguments.ReadString();
        // Only valid section names of clients.conf, because both kinds of clients share one table.
        if (name.Length == 0 || Encoding.UTF8.GetByteCount(name) > LongestName || name == "DEFAULT" || name.Any(char.IsControl))
            throw BusArguments.Invalid($"a name must have 1 to {LongestName} bytes and no control characters, and must not be DEFAULT");
        return name;
    }

    private static KeyId ReadKey(BusReader value)
    {
        var text = BusArguments.ReadText(value, "KeyID", KeyId.HexLength * 2);
        return KeyId.TryParse(text, out var key) && key != KeyId.OfNothing
            ? key
            : throw BusArguments.Invalid($"'{text}' does not have 64 hex digits, or is the hash of empty data");
    }

    private static string ReadFingerprint(BusReader value)
    {
        var text = BusArguments.ReadText(value, "Fingerprint", 128).Replace(" ", "", StringComparison.Ordinal);
        return text.All(char.IsAsciiHexDigit)
            ? text.ToUpperInvariant()
            : throw BusArguments.Invalid($"'{text}' has characters other than hex digits");
    }
}
