using Mandos.Bus.Introspection;
using Mandos.Bus.Messages;

namespace Mandos.Server.Bus.Interfaces;

/// <summary>The error for a property that an object does not have.</summary>
internal static class MissingProperty
{
    /// <summary>Whether the property is missing, or its interface as well.</summary>
    /// <param name="interfaces">Of the object.</param>
    /// <param name="interface">That was named; empty: any.</param>
    /// <param name="property">That was named.</param>
    internal static BusException Of(IReadOnlyList<BusInterface> interfaces, string @interface, string property) =>
        @interface.Length == 0 || interfaces.Any(i => i.Name == @interface)
            ? new(BusErrors.UnknownProperty, $"unknown property '{property}'")
            : new(BusErrors.UnknownInterface, $"unknown interface '{@interface}'");
}
