using System.Text;

namespace Mandos.Bus.Introspection;

/// <summary>Introspection data as XML. All names are D-Bus names, which need no escaping.</summary>
public static class IntrospectionText
{
    private const string Head =
        """
        <!DOCTYPE node PUBLIC "-//freedesktop//DTD D-BUS Object Introspection 1.0//EN" "http://www.freedesktop.org/standards/dbus/1.0/introspect.dtd">

        """;

    /// <summary>The document for an object.</summary>
    /// <param name="path">Its path.</param>
    /// <param name="interfaces">Its interfaces.</param>
    /// <param name="children">The child objects: one path element each.</param>
    public static string Of(string path, IEnumerable<BusInterface> interfaces, IEnumerable<string> children)
    {
        var text = new StringBuilder(Head).Append($"<node name=\"{path}\">\n");
        foreach (var one in interfaces)
        {
            text.Append($"  <interface name=\"{one.Name}\">\n");
            foreach (var member in one.Members)
                Append(text, member);
            Append(text, one.Annotations, "    ");
            text.Append("  </interface>\n");
        }

        foreach (var child in children)
            text.Append($"  <node name=\"{child}\"/>\n");
        return text.Append("</node>\n").ToString();
    }

    private static void Append(StringBuilder text, BusMember member)
    {
        var element = member switch
        {
            BusMethod => "method",
            BusSignalMember => "signal",
            _ => "property",
        };
        text.Append($"    <{element} name=\"{member.Name}\"");
        if (member is BusProperty property)
            text.Append($" type=\"{property.Type}\" access=\"{property.Access.ToString().ToLowerInvariant()}\"");
        text.Append(">\n");
        if (member is BusMethod method)
        {
            Append(text, method.Inputs, " direction=\"in\"");
            Append(text, method.Outputs, " direction=\"out\"");
        }
        else if (member is BusSignalMember signal)
        {
            Append(text, signal.Arguments, "");
        }

        Append(text, member.Annotations, "      ");
        text.Append($"    </{element}>\n");
    }

    private static void Append(StringBuilder text, IReadOnlyList<BusArgument> arguments, string direction)
    {
        foreach (var argument in arguments)
            text.Append($"      <arg{direction} type=\"{argument.Type}\"{(argument.Name is { } name ? $" name=\"{name}\"" : "")}/>\n");
    }

    private static void Append(StringBuilder text, IReadOnlyList<Annotation> annotations, string indentation)
    {
        foreach (var annotation in annotations)
            text.Append($"{indentation}<annotation name=\"{annotation.Name}\" value=\"{annotation.Value}\"/>\n");
    }
}
