namespace Mandos.Bus.Introspection;

/// <summary>An interface, as introspection describes it (D-Bus specification, introspection data format).</summary>
/// <param name="Name">For example <c>org.freedesktop.DBus.Properties</c>.</param>
/// <param name="Members">Methods, signals, properties.</param>
public sealed record BusInterface(string Name, IReadOnlyList<BusMember> Members)
{
    /// <summary>Further facts: names and values.</summary>
    public IReadOnlyList<Annotation> Annotations { get; init; } = [];
}

/// <summary>A fact about an interface or a member.</summary>
public sealed record Annotation(string Name, string Value)
{
    /// <summary>Better not used any more.</summary>
    public static Annotation Deprecated { get; } = new("org.freedesktop.DBus.Deprecated", "true");

    /// <summary>When a property changes: <c>true</c> (the default), <c>invalidates</c>, <c>const</c>, <c>false</c>.</summary>
    public static Annotation EmitsChangedSignal(string value) => new("org.freedesktop.DBus.Property.EmitsChangedSignal", value);
}

/// <summary>A part of an interface.</summary>
public abstract record BusMember(string Name)
{
    /// <summary>Further facts: names and values.</summary>
    public IReadOnlyList<Annotation> Annotations { get; init; } = [];
}

/// <summary>A method.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Inputs">What it takes.</param>
/// <param name="Outputs">What it returns.</param>
public sealed record BusMethod(string Name, IReadOnlyList<BusArgument> Inputs, IReadOnlyList<BusArgument> Outputs) : BusMember(Name);

/// <summary>A signal.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Arguments">What it carries.</param>
public sealed record BusSignalMember(string Name, IReadOnlyList<BusArgument> Arguments) : BusMember(Name);

/// <summary>A property.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its signature.</param>
/// <param name="Access">Who may do what with it.</param>
public sealed record BusProperty(string Name, string Type, BusAccess Access) : BusMember(Name);

/// <summary>An argument.</summary>
/// <param name="Type">Its signature.</param>
/// <param name="Name">Its name; null if it has none.</param>
public sealed record BusArgument(string Type, string? Name = null);

/// <summary>What can be done with a property.</summary>
public enum BusAccess
{
    Read,
    Write,
    ReadWrite,
}
