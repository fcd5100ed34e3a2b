using System.Text.Json;
using System.Text.RegularExpressions;

namespace Mandos.Interop.Fleets;

/// <summary>Signals in words. What every implementation must send several times stands there once, if it was sent as it must.</summary>
internal sealed partial class FleetSignals(IReadOnlyList<FleetMember> members)
{
    private const string Current = "se.recompile.Mandos", Deprecated = "se.bsnet.fukt.Mandos", Beyond = "dotnet.Mandos";

    /// <summary>
    /// Where a signal belongs, and null if it is none of a Mandos server. What the original does not have, interfaces of our
    /// own, has its own place.
    /// </summary>
    public static string? Place(BusSignal signal) => signal switch
    {
        { Member: "PropertiesChanged" } when IsBeyond(signal.Arguments[0].GetString()!) =>
            $"beyond {(signal.Path == "/" ? "the server" : signal.Path["/clients/".Length..])}",
        _ when IsBeyond(signal.Interface) && signal.Path.StartsWith("/clients/", StringComparison.Ordinal) =>
            $"beyond {signal.Path["/clients/".Length..]}",
        { Path: "/", Member: "InterfacesAdded" or "InterfacesRemoved" } => Client(signal.Arguments[0].GetString()!),
        { Path: "/", Member: "ClientAdded" or "ClientRemoved" } => Client(signal.Arguments[0].GetString()!),
        { Path: "/" } => "server",
        { Member: "NameOwnerChanged" } when signal.Arguments[0].GetString() is Current or Deprecated =>
            $"bus name {signal.Arguments[0].GetString()}",
        _ when signal.Path.StartsWith("/clients/", StringComparison.Ordinal) => Client(signal.Path),
        _ => null,
    };

    /// <summary>The signals of one place, in words, in order.</summary>
    public IEnumerable<string> Tell(IReadOnlyList<BusSignal> signals)
    {
        for (var i = 0; i < signals.Count; i++)
        {
            var line = Tell(signals[i]);
            if (i + 2 < signals.Count && IsChange(signals[i], signals[i + 1], signals[i + 2]))
            {
                var value = signals[i].Arguments;
                yield return $"{value[0]} = {Value(value[1], signals[i].At)}";
                i += 2;
            }
            else if (i + 1 < signals.Count && signals[i].Interface.StartsWith(Current, StringComparison.Ordinal)
                && Tell(signals[i + 1]) == line.Replace(Current, Deprecated, StringComparison.Ordinal))
            {
                yield return $"both {line[(line.IndexOf(' ', StringComparison.Ordinal) + 1)..]}";
                i++;
            }
            else if (signals[i].Member == "InterfacesAdded")
            {
                foreach (var part in Added(signals[i]))
                    yield return part;
            }
            else if (signals[i].Member == "InterfacesRemoved")
            {
                var names = signals[i].Arguments[1].EnumerateArray().Select(n => n.GetString()!).Where(n => !IsBeyond(n));
                yield return $"InterfacesRemoved {string.Join(' ', names.Order(StringComparer.Ordinal))}";
            }
            else if (signals[i].Member == "PropertiesChanged" && IsBeyond(signals[i].Arguments[0].GetString()!))
            {
                foreach (var property in signals[i].Arguments[1].EnumerateObject())
                    yield return $"{property.Name} = {Value(property.Value, signals[i].At)}";
            }
            else if (signals[i].Member == "NameOwnerChanged")
            {
                var name = signals[i].Arguments[0].GetString()!;
                yield return signals[i].IsOwnerChange(name, owned: true) ? "taken" : "given back";
            }
            else
            {
                yield return line;
            }
        }
    }

    private static string Client(string path) => path.Replace("/clients/", "bus of ", StringComparison.Ordinal);

    private static bool IsBeyond(string name) => name.StartsWith(Beyond, StringComparison.Ordinal);

    /// <summary>PropertyChanged of both interfaces, then PropertiesChanged, of the same.</summary>
    private bool IsChange(BusSignal first, BusSignal second, BusSignal third) =>
        first.Member == "PropertyChanged" && first.Interface == $"{Current}.Client"
        && second.Member == "PropertyChanged"
            && second.Interface == $"{Deprecated}.Client"
            && Tell(second) == Tell(first).Replace(Current, Deprecated, StringComparison.Ordinal)
        && third.Member == "PropertiesChanged" && third.Arguments[0].GetString() == $"{Current}.Client"
        && third.Arguments[1].EnumerateObject().Count() == 1 && third.Arguments[2].GetArrayLength() == 0
        && third.ChangeOf(first.Arguments[0].GetString()!) == first.Arguments[1].GetProperty("data").ToString();

    private string Tell(BusSignal signal) =>
        $"{signal.Interface} {signal.Member}({string.Join(", ", signal.Arguments.Select(a => Value(a, signal.At)))})";

    /// <summary>The interfaces, then the properties, which must be the same on both of ours.</summary>
    private IEnumerable<string> Added(BusSignal signal)
    {
        var interfaces = signal.Arguments[1]
            .EnumerateObject()
            .Where(i => !IsBeyond(i.Name))
            .OrderBy(i => i.Name, StringComparer.Ordinal)
            .ToDictionary(i => i.Name, i => Properties(i.Value));
        yield return $"InterfacesAdded {string.Join(' ', interfaces.Keys)}";
        foreach (var line in interfaces.GetValueOrDefault($"{Current}.Client", []))
            yield return line;
        foreach (var (name, lines) in interfaces)
        {
            if (lines.Count > 0 && name != $"{Current}.Client")
                yield return lines.SequenceEqual(interfaces.GetValueOrDefault($"{Current}.Client", []))
                    ? $"the same of {name}"
                    : $"{name}: {string.Join(", ", lines)}";
        }

        // How far off an end is depends on how long ago it was set, on an earlier day of the server.
        List<string> Properties(JsonElement values) =>
        [
            .. values.EnumerateObject().OrderBy(p => p.Name, StringComparer.Ordinal).Select(p => $"{p.Name}: {Value(p.Value, signal.At)}")
                .Select(
                    l =>
                        l.StartsWith("Expires: in", StringComparison.Ordinal) || l.EndsWith("far away", StringComparison.Ordinal)
                            ? "Expires: later"
                            : l),
        ];
    }

    private string Value(JsonElement value, long at) => value.ValueKind switch
    {
        JsonValueKind.Object when value.TryGetProperty("type", out _) => Value(value.GetProperty("data"), at),
        JsonValueKind.Object =>
            $"{{{string.Join(", ", value.EnumerateObject().OrderBy(p => p.Name, StringComparer.Ordinal).Select(p => $"{p.Name}: {Value(p.Value, at)}"))}}}",
        JsonValueKind.Array => $"[{string.Join(", ", value.EnumerateArray().Select(e => Value(e, at)).Order(StringComparer.Ordinal))}]",
        JsonValueKind.String when FleetTime.IsTime(value.GetString()!) => FleetTime.InWords(value.GetString()!, at),
        JsonValueKind.String when members.FirstOrDefault(m => m.KeyId == value.GetString()) is { } owner => $"key of {owner.Name}",
        // It is made of the machine's new hardware address.
        JsonValueKind.String when LinkLocal().IsMatch(value.GetString()!) => "a link-local address",
        JsonValueKind.String => $"'{value.GetString()}'",
        _ => value.ToString(),
    };

    [GeneratedRegex("^fe80::[0-9a-f:]+$")]
    private static partial Regex LinkLocal();
}
