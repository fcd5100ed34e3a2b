using System.Xml.Linq;
using Mandos.Server.Bus.Interfaces;

namespace Mandos.Server.Tests.Bus;

/// <summary>What our objects say about themselves is what the original's say, and the additions that are listed here.</summary>
public sealed class IntrospectionTests
{
    private static readonly string[] ClientPropertyLines =
    [
        $"interface {Names.Properties}",
        $"{Names.Properties} method Get(in s interface_name, in s property_name, out v value)",
        $"{Names.Properties} method GetAll(in s interface_name, out a{{sv}} props)",
        $"{Names.Properties} method Set(in s interface_name, in s property_name, in v value)",
        $"{Names.Properties} signal PropertiesChanged( s interface_name,  a{{sv}} changed_properties,  as invalidated_properties)",
    ];

    private static readonly string[] ServerLines =
    [
        .. ClientPropertyLines,
        "dotnet.Mandos.Operator method Approve(in s client, in s person)",
        "dotnet.Mandos.Operator method Deny(in s client, in s person)",
        "dotnet.Mandos.Operator method Disable(in s client, in s person)",
        "dotnet.Mandos.Operator method Enable(in s client, in s person)",
        "dotnet.Mandos.Operator method GetStatistics(out a{st})",
        "dotnet.Mandos.Operator method GetHistory(in s client, in t before, in u most, out a(tssssa{ss}) records)",
        "dotnet.Mandos.Operator method Remove(in s client, in s person)",
        "dotnet.Mandos.Server method AddClient(in s name, in a{sv} properties, in ay secret, out o object_path)",
        "dotnet.Mandos.Server method Reload()",
        "dotnet.Mandos.Server method SetLogLevel(in s level)",
        "dotnet.Mandos.Server property Address s read EmitsChangedSignal=const",
        "dotnet.Mandos.Server property Interface s read EmitsChangedSignal=const",
        "dotnet.Mandos.Server property LogLevel s read",
        "dotnet.Mandos.Server property Port q read EmitsChangedSignal=const",
        "dotnet.Mandos.Server property SecretsGiven t read",
        "dotnet.Mandos.Server property ServiceName s read EmitsChangedSignal=false",
        "dotnet.Mandos.Server property Version s read EmitsChangedSignal=const",
        "interface dotnet.Mandos.Operator",
        "interface dotnet.Mandos.Server",
    ];

    private static readonly string[] ClientLines =
    [
        "dotnet.Mandos.Client property LastDisabled s read",
        "dotnet.Mandos.Client method Maintain(in t milliseconds)",
        "dotnet.Mandos.Client property Maintenance s read",
        "dotnet.Mandos.Client property SecretsGiven t read",
        "dotnet.Mandos.Client signal ExpiresSoon( s expires,  t milliseconds,  n exitcode,  s reason)",
        "interface dotnet.Mandos.Client",
    ];

    [Fact]
    public async Task The_server_object_has_every_member_of_the_originals_and_the_listed_ones()
    {
        await using var server = await BusServer.StartAsync();
        Compare("dbus/introspect-root.xml", await IntrospectAsync(server, "/"), ServerLines);
    }

    [Fact]
    public async Task A_client_object_has_all_members_of_the_original_and_the_listed_additions()
    {
        await using var server = await BusServer.StartAsync();
        Compare("dbus/introspect-client.xml", await IntrospectAsync(server, "/clients/testclient"), ClientLines);
    }

    [Fact]
    public async Task The_clients_node_lists_the_clients()
    {
        await using var server = await BusServer.StartAsync();
        var node = XDocument.Parse(await IntrospectAsync(server, "/clients")).Root!;
        Assert.Equal(["testclient"], node.Elements("node").Select(n => n.Attribute("name")!.Value));
    }

    private static Task<string> IntrospectAsync(BusServer server, string path) =>
        server.CallAsync(path, Names.Introspectable, "Introspect", null, static r => r.ReadString());

    private static void Compare(string golden, string ours, string[] additions)
    {
        var expected = Facts(Golden.Text(golden)).Concat(additions).Distinct().Order(StringComparer.Ordinal);
        Assert.Equal(expected, Facts(ours).Order(StringComparer.Ordinal));
    }

    /// <summary>A document without the order of its parts: a line for each interface, member and child.</summary>
    private static IEnumerable<string> Facts(string document)
    {
        var root = XDocument.Parse(document).Root!;
        foreach (var child in root.Elements("node"))
            yield return $"child {Name(child)}";
        foreach (var one in root.Elements("interface"))
        {
            yield return $"interface {Name(one)}{Annotations(one)}";
            foreach (var member in one.Elements().Where(e => e.Name != "annotation"))
            {
                var kind = member.Name.LocalName;
                var details = kind == "property"
                    ? $" {member.Attribute("type")!.Value} {member.Attribute("access")!.Value}"
                    : $"({string.Join(", ", member.Elements("arg").Select(Argument))})";
                yield return $"{Name(one)} {kind} {Name(member)}{details}{Annotations(member)}";
            }
        }
    }

    private static string Name(XElement element) => element.Attribute("name")!.Value;

    private static string Annotations(XElement element) => string.Concat(element.Elements("annotation")
        .Select(a => $" {ShortName(a)}={a.Attribute("value")!.Value}")
        .Order(StringComparer.Ordinal));

    private static string ShortName(XElement annotation) =>
        Name(annotation)["org.freedesktop.DBus.".Length..].Replace("Property.", "", StringComparison.Ordinal);

    private static string Argument(XElement argument) =>
        $"{argument.Attribute("direction")?.Value} {argument.Attribute("type")!.Value} {argument.Attribute("name")?.Value}".TrimEnd();
}
