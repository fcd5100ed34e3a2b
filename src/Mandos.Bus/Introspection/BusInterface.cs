namespace Mandos.Bus.Introspection;

/// <summary>An interface, as introspection describes it (D-Bus specification, introspection data format).</summary>
/// <param name="Name">For example <c>org.freedesktop.DBus.Properties</c>.</param>
/// <param name="Members">Methods, signals, properties.</param>
public sealed record BusInterface(string Name, IReadOnlyList<BusMember> Members)
{
    /// <summary>Annotations: names and values.</summary>
    public IReadOnlyList<Annotation> Annotations { get; init; } = [];
}

/// <summary>An annotation of an interface or a member.</summary>
public sealed record Annotation(string Name, string Value)
{
    /// <summary>Marks what should not be used any more.</summary>
    public static Annotation Deprecated { get; } = new("org.freedesktop.DBus.Deprecated", "true");

    /// <summary>When a property changes: <c>true</c> (the default), <c>invalidates</c>, <c>const</c>, <c>false</c>.</summary>
    public static Annotation EmitsChangedSignal(string value) => new("org.freedesktop.DBus.Property.EmitsChangedSignal", value);
}

/// <summary>A part of an interface.</summary>
public abstract record BusMember(string Name)
{
    /// <summary>Annotations: names and values.</summary>
    public IReadOnlyList<Annotation> Annotations { get; init; } = [];
}

/// <summary>A method.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Inputs">The arguments.</param>
/// <param name="Outputs">The results.</param>
public sealed record BusMethod(string Name, IReadOnlyList<BusArgument> Inputs, IReadOnlyList<BusArgument> Outputs) : BusMember(Name);

/// <summary>A signal.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Arguments">The arguments.</param>
public sealed record BusSignalMember(string Name, IReadOnlyList<BusArgument> Arguments) : BusMember(Name);

/// <summary>A property.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its signature.</param>
/// <param name="Access">How it can be accessed.</param>
public sealed record BusProperty(string Name, string Type, BusAccess Access) : BusMember(Name);

/// <summary>An argument.</summary>
/// <param name="Type">Its signature.</param>
/// <param name="Name">Its name; null if it has none.</param>
public sealed record BusArgument(string Type, string? Name = null);

/// <summary>How a property can be accessed.</summary>
public enum BusAccess
{
    Read,
    Write,
    ReadWrite,
}
