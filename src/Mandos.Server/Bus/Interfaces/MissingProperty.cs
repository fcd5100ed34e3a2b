using Mandos.Bus.Introspection;
using Mandos.Bus.Messages;

namespace Mandos.Server.Bus.Interfaces;

/// <summary>The error for a property that an object does not have.</summary>
internal static class MissingProperty
{
    /// <summary>Returns the error for a missing property or a missing interface.</summary>
    /// <param name="interfaces">The interfaces of the object.</param>
    /// <param name="interface">The requested interface; empty for any.</param>
    /// <param name="property">The requested property.</param>
    internal static BusException Of(IReadOnlyList<BusInterface> interfaces, string @interface, string property) =>
        @interface.Length == 0 || interfaces.Any(i => i.Name == @interface)
            ? new(BusErrors.UnknownProperty, $"unknown property '{property}'")
            : new(BusErrors.UnknownInterface, $"unknown interface '{@interface}'");
}
