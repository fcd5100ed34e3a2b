using Mandos.Bus.Messages;
using Mandos.Core.Durations;
using Mandos.Core.Secrets;
using Mandos.Server.Clients;

namespace Mandos.Server.Bus.Requests;

/// <summary>
/// Reads values that callers send, each with limits. Where upstream accepts several types, so does this code: any integer for a duration or
/// a boolean, and nested variants.
/// </summary>
internal static class BusArguments
{
    /// <summary>The maximum size of a secret in bytes, which is what the boot program accepts.</summary>
    internal const int LongestSecret = PasswordLimits.LargestMessage;

    private const int MostVariants = 4;
    private const ulong LongestMilliseconds = (ulong)(long.MaxValue / TimeSpan.TicksPerMillisecond);

    /// <summary>The error for an invalid argument.</summary>
    internal static BusException Invalid(string message) => new(BusErrors.InvalidArguments, message);

    /// <summary>Reads text from a variant that was entered.</summary>
    internal static string ReadText(BusReader reader, string name, int longest)
    {
        var depth = Unwrap(reader);
        if (reader.NextType != 's')
            throw Invalid($"{name} must be a string, not of type '{reader.NextType}'");
        var text = reader.ReadString();
        Leave(reader, depth);
        return text.Length <= longest ? text : throw Invalid($"{name} can have at most {longest} characters, not {text.Length}");
    }

    /// <summary>Reads a boolean from a variant that was entered.</summary>
    internal static bool ReadFlag(BusReader reader, string name)
    {
        var depth = Unwrap(reader);
        var flag = reader.NextType == 'b'
            ? reader.ReadBoolean()
            : ReadInteger(reader) is { } number
            ? number != 0
            : throw Invalid($"{name} must be true or false, not of type '{reader.NextType}'");
        Leave(reader, depth);
        return flag;
    }

    /// <summary>Skips one text, number or boolean in a variant that was entered, so that its size is counted.</summary>
    internal static void PassSimple(BusReader reader, string name)
    {
        var depth = Unwrap(reader);
        switch (reader.NextType)
        {
            case 's':
                _ = reader.ReadString();
                break;
            case 'o':
                _ = reader.ReadObjectPath();
                break;
            case 'a' or 'r' or 'v' or 'e':
                throw Invalid($"{name} must be a string, not of type '{reader.NextType}'");
            default:
                reader.Skip();
                break;
        }

        Leave(reader, depth);
    }

    /// <summary>Reads a duration in milliseconds from a variant that was entered.</summary>
    internal static Duration ReadDuration(BusReader reader, string name)
    {
        var depth = Unwrap(reader);
        var number = ReadInteger(reader) ?? throw Invalid($"{name} must be a number of milliseconds, not of type '{reader.NextType}'");
        Leave(reader, depth);
        if (number < 0)
            throw Invalid($"{name} cannot be negative: {number}");
        return number <= LongestMilliseconds
            ? new(new TimeSpan((long)number * TimeSpan.TicksPerMillisecond))
            : throw Invalid($"{name} is too long: {number} ms");
    }

    /// <summary>Reads a setting from a variant that was entered, and returns <paramref name="target"/> with it.</summary>
    internal static ClientSettings ReadSetting(BusReader reader, ClientSetting setting, ClientSettings target)
    {
        switch (setting)
        {
            case TextSetting text:
                return text.With(target, ReadText(reader, text.BusName, text.Longest));
            case FlagSetting flag:
                return flag.With(target, ReadFlag(reader, flag.BusName));
            case DurationSetting duration:
                var value = ReadDuration(reader, duration.BusName);
                return value > Duration.Zero || !duration.IsNeverZero
                    ? duration.With(target, value)
                    : throw Invalid($"{duration.BusName} must be greater than zero");
            default:
                throw new ArgumentOutOfRangeException(nameof(setting));
        }
    }

    /// <summary>Reads a secret, in a variant or not. The caller owns it.</summary>
    internal static ClientSecret ReadSecret(BusReader reader)
    {
        // Nothing follows, so the variants need not be left.
        _ = Unwrap(reader);
        return new(reader.ReadSecret(LongestSecret));
    }

    /// <summary>Enters nested variants; returns how many must be left.</summary>
    private static int Unwrap(BusReader reader)
    {
        var depth = 0;
        for (; reader.NextType == 'v' && depth < MostVariants; depth++)
            reader.EnterVariant();
        return depth;
    }

    private static void Leave(BusReader reader, int depth)
    {
        for (; depth > 0; depth--)
            reader.Exit();
    }

    private static Int128? ReadInteger(BusReader reader) => reader.NextType switch
    {
        'y' => reader.ReadByte(),
        'n' => reader.ReadInt16(),
        'q' => reader.ReadUInt16(),
        'i' => reader.ReadInt32(),
        'u' => reader.ReadUInt32(),
        'x' => reader.ReadInt64(),
        't' => reader.ReadUInt64(),
        _ => null,
    };
}
