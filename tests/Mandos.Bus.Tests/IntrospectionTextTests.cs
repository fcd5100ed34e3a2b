using System.Xml;
using System.Xml.Linq;
using Mandos.Bus.Introspection;

namespace Mandos.Bus.Tests;

/// <summary>What an object says about itself, read by an XML parser.</summary>
public sealed class IntrospectionTextTests
{
    private static readonly BusInterface Interface = new(
        "test.Interface",
        [
            new BusMethod("Add", [new("s", "name"), new("ay")], [new("o", "path")]) { Annotations = [Annotation.Deprecated] },
            new BusMethod("Ping", [], []),
            new BusSignalMember("Added", [new("o", "path"), new("a{sv}", "properties")]),
            new BusSignalMember("Ended", []),
            new BusProperty("Name", "s", BusAccess.Read) { Annotations = [Annotation.EmitsChangedSignal("const")] },
            new BusProperty("Timeout", "t", BusAccess.ReadWrite),
            new BusProperty("Secret", "ay", BusAccess.Write),
        ])
    {
        Annotations = [new("test.Annotation", "value")],
    };

    [Fact]
    public void An_object_has_its_path_its_interfaces_and_its_children()
    {
        var node = Read("/object", [Interface, new("test.Empty", [])], ["one", "two"]);
        Assert.Equal("/object", node.Attribute("name")?.Value);
        Assert.Equal(["test.Interface", "test.Empty"], Names(node, "interface"));
        Assert.Equal(["one", "two"], Names(node, "node"));
    }

    [Fact]
    public void An_object_without_interfaces_is_an_empty_node() => Assert.Empty(Read("/", [], []).Elements());

    [Fact]
    public void Members_are_listed_in_order_and_with_their_kinds()
    {
        var elements = Read("/", [Interface], []).Element("interface")!.Elements();
        Assert.Equal(
            ["method Add", "method Ping", "signal Added", "signal Ended", "property Name", "property Timeout", "property Secret",
                "annotation test.Annotation"],
            elements.Select(e => $"{e.Name} {e.Attribute("name")?.Value}"));
    }

    [Fact]
    public void A_method_lists_its_inputs_before_its_outputs_with_their_directions()
    {
        var arguments = Member("Add")
            .Elements("arg")
            .Select(a => $"{a.Attribute("direction")?.Value} {a.Attribute("type")?.Value} {a.Attribute("name")?.Value}");
        Assert.Equal(["in s name", "in ay ", "out o path"], arguments);
        Assert.Empty(Member("Ping").Elements());
    }

    [Fact]
    public void The_arguments_of_a_signal_have_no_direction()
    {
        var arguments = Member("Added").Elements("arg").ToList();
        Assert.All(arguments, argument => Assert.Null(argument.Attribute("direction")));
        Assert.Equal(["o", "a{sv}"], arguments.Select(a => a.Attribute("type")?.Value));
    }

    [Theory]
    [InlineData("Name", "s", "read")]
    [InlineData("Timeout", "t", "readwrite")]
    [InlineData("Secret", "ay", "write")]
    public void A_property_has_its_type_and_access(string name, string type, string access)
    {
        var property = Member(name);
        Assert.Equal((type, access), (property.Attribute("type")?.Value, property.Attribute("access")?.Value));
    }

    [Fact]
    public void Annotations_are_children_of_the_element_they_describe()
    {
        Assert.Equal("org.freedesktop.DBus.Deprecated=true", AnnotationOf(Member("Add")));
        Assert.Equal("org.freedesktop.DBus.Property.EmitsChangedSignal=const", AnnotationOf(Member("Name")));
        Assert.Equal("", AnnotationOf(Member("Timeout")));
        Assert.Equal("test.Annotation=value", AnnotationOf(Read("/", [Interface], []).Element("interface")!));
    }

    [Fact]
    public void The_document_has_the_DOCTYPE_of_the_specification() =>
        Assert.StartsWith(
            "<!DOCTYPE node PUBLIC \"-//freedesktop//DTD D-BUS Object Introspection 1.0//EN\"", IntrospectionText.Of("/", [], []),
            StringComparison.Ordinal);

    private static XElement Member(string name) =>
        Read("/", [Interface], []).Element("interface")!.Elements().Single(e => e.Attribute("name")?.Value == name);

    private static string AnnotationOf(XElement element) =>
        string.Join(' ', element.Elements("annotation").Select(a => $"{a.Attribute("name")?.Value}={a.Attribute("value")?.Value}"));

    private static IEnumerable<string?> Names(XElement node, string element) =>
        node.Elements(element).Select(e => e.Attribute("name")?.Value);

    private static XElement Read(string path, IEnumerable<BusInterface> interfaces, IEnumerable<string> children)
    {
        using var reader = XmlReader.Create(
            new StringReader(IntrospectionText.Of(path, interfaces, children)),
            new XmlReaderSettings { DtdProcessing = DtdProcessing.Ignore, XmlResolver = null });
        return XDocument.Load(reader).Root!;
    }
}
