namespace Mandos.Architecture.Tests;

/// <summary>The rooms of a project: its namespaces, without the name of the project.</summary>
internal static class Rooms
{
    /// <summary>The room of the project's own namespace, and of the entry point, which has none.</summary>
    public const string Root = "(root)";

    /// <summary>The references between the rooms of one assembly.</summary>
    public static IReadOnlyList<RoomReference> ReferencesIn(CompiledAssembly assembly, string project) =>
        [.. from reference in assembly.References()
            let room = Of(reference.Type, project)
            let target = Of(reference.Target, project)
            where room is not null && target is not null && room != target
            group $"{reference.Type.Name} → {reference.Target.Name}" by (room, target) into tie
            orderby tie.Key
            select new RoomReference(tie.Key.room, tie.Key.target, [.. tie.Distinct().Order(StringComparer.Ordinal)])];

    /// <summary>All rooms of one assembly.</summary>
    public static IReadOnlySet<string> In(CompiledAssembly assembly, string project) =>
        assembly.Types().Select(type => Of(type, project)).OfType<string>().ToHashSet();

    /// <summary>The references that are part of a circle: whose target leads back to where they start.</summary>
    public static IReadOnlyList<RoomReference> Circles(IReadOnlyList<RoomReference> references) =>
        [.. references.Where(reference => Reachable(reference.To, references).Contains(reference.From))];

    private static HashSet<string> Reachable(string start, IReadOnlyList<RoomReference> references)
    {
        var reached = new HashSet<string> { start };
        var next = new Queue<string>(reached);
        while (next.TryDequeue(out var room))
        {
            foreach (var reference in references.Where(reference => reference.From == room && reached.Add(reference.To)))
                next.Enqueue(reference.To);
        }

        return reached;
    }

    // Null: made by the compiler, beside the code or in a namespace that is none of ours.
    private static string? Of(TypeName type, string project) =>
        type.Name.StartsWith('<') ? null
        : type.Namespace.Length == 0 || type.Namespace == project ? Root
        : type.Namespace.StartsWith(project + ".", StringComparison.Ordinal) ? type.Namespace[(project.Length + 1)..]
        : null;
}
