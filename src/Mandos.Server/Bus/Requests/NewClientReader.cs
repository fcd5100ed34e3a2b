using System.Text;
using Mandos.Bus.Messages;
using Mandos.Core.Durations;
using Mandos.Core.Keys;
using Mandos.Server.ClientFiles;
using Mandos.Server.Clients;

namespace Mandos.Server.Bus.Requests;

/// <summary>
/// The arguments of AddClient: a name, the properties by the names and types that they have on the bus, and the secret. KeyID
/// must be among them; what is left out is as in clients.conf.
/// </summary>
internal static class NewClientReader
{
    private const int LongestName = 255;

    /// <summary>Reads them; the definition owns the secret.</summary>
    internal static ClientDefinition Read(BusReader arguments)
    {
        arguments.Expect("sa{sv}ay");
        var name = ReadName(arguments);
        KeyId? key = null;
        var fingerprint = "";
        var enabled = true;
        var settings = Defaults();
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

    private static ClientSettings ReadSetting(ClientSettings settings, string property, BusReader value) => property switch
    {
        "Host" => settings with { Host = BusArguments.ReadText(value, property, BusArguments.LongestHost) },
        "Checker" => settings with { Checker = BusArguments.ReadText(value, property, BusArguments.LongestCommand) },
        "Timeout" => settings with { Timeout = BusArguments.ReadDuration(value, property) },
        "ExtendedTimeout" => settings with { ExtendedTimeout = BusArguments.ReadDuration(value, property) },
        "Interval" => settings with { Interval = BusArguments.ReadInterval(value, property) },
        "ApprovalDelay" => settings with { ApprovalDelay = BusArguments.ReadDuration(value, property) },
        "ApprovalDuration" => settings with { ApprovalDuration = BusArguments.ReadDuration(value, property) },
        "ApprovedByDefault" => settings with { ApprovedByDefault = BusArguments.ReadFlag(value, property) },
        _ => throw BusArguments.Invalid($"'{property}' is not a property that a new client can have"),
    };

    private static string ReadName(BusReader arguments)
    {
        var name = arguments.ReadString();
        // Only what a section of clients.conf can be called: the two are one table.
        if (name.Length == 0 || Encoding.UTF8.GetByteCount(name) > LongestName || name == "DEFAULT" || name.Any(char.IsControl))
            throw BusArguments.Invalid($"a name has 1 to {LongestName} bytes, no control characters, and is not DEFAULT");
        return name;
    }

    private static KeyId ReadKey(BusReader value)
    {
        var text = BusArguments.ReadText(value, "KeyID", KeyId.HexLength * 2);
        return KeyId.TryParse(text, out var key) && key != KeyId.OfNothing ? key : throw BusArguments.Invalid($"'{text}' does not have 64 hex digits, or is the hash of nothing");
    }

    private static string ReadFingerprint(BusReader value)
    {
        var text = BusArguments.ReadText(value, "Fingerprint", 128).Replace(" ", "", StringComparison.Ordinal);
        return text.All(char.IsAsciiHexDigit) ? text.ToUpperInvariant() : throw BusArguments.Invalid($"'{text}' has other characters than hex digits");
    }

    /// <summary>What clients.conf has where it says nothing.</summary>
    private static ClientSettings Defaults() => new()
    {
        Checker = ClientsReader.BuiltIn["checker"].Replace("%%", "%", StringComparison.Ordinal),
        Timeout = Default("timeout"),
        ExtendedTimeout = Default("extended_timeout"),
        Interval = Default("interval"),
        ApprovalDelay = Default("approval_delay"),
        ApprovalDuration = Default("approval_duration"),
        ApprovedByDefault = true,
    };

    private static Duration Default(string key) =>
        Duration.TryParse(ClientsReader.BuiltIn[key], out var duration, out var error) ? duration : throw new InvalidOperationException(error);
}
