namespace Mandos.Architecture.Tests;

/// <summary>
/// A room is a namespace. Rooms that refer to each other in a circle can only be read together, so there is no circle, and
/// ARCHITECTURE.md lists what each room may refer to. What the compiler folds into the code that uses it (constants) is not seen.
/// </summary>
public sealed class RoomsTests
{
    private static readonly AllowedReferences Allowed = AllowedReferences.Parse(
        File.ReadAllText(Path.Combine(Golden.Root, "ARCHITECTURE.md")));

    /// <summary>Each project and the name of its assembly.</summary>
    public static TheoryData<string, string> Projects { get; } = new()
    {
        { "Mandos.Core", "Mandos.Core" },
        { "Mandos.Bus", "Mandos.Bus" },
        { "Mandos.CommandLine", "Mandos.CommandLine" },
        { "Mandos.Client", "mandos-client" },
        { "Mandos.Keygen", "mandos-keygen" },
        { "Mandos.Server", "mandos" },
        { "Mandos.Configuration", "Mandos.Configuration" },
        { "Mandos.BusClient", "Mandos.BusClient" },
        { "Mandos.Control", "mandos-ctl" },
        { "Mandos.Monitor", "mandos-monitor" },
        { "Mandos.Web", "mandos-web" },
        { "Mandos.Notify", "mandos-notify" },
    };

    [Theory]
    [MemberData(nameof(Projects))]
    public void Rooms_have_no_circular_references(string project, string assembly)
    {
        using var compiled = Open(assembly);
        AssertNone("these references form a circle", Rooms.Circles(Rooms.ReferencesIn(compiled, project)));
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_room_refers_only_to_rooms_that_the_architecture_allows(string project, string assembly)
    {
        using var compiled = Open(assembly);
        var rooms = Allowed.RoomsOf(project);
        AssertNone("ARCHITECTURE.md does not list these rooms", Rooms.In(compiled, project).Except(rooms.Keys));
        AssertNone(
            "ARCHITECTURE.md does not allow these references",
            Rooms.ReferencesIn(compiled, project).Where(reference => !rooms[reference.From].Contains(reference.To)));
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void The_architecture_allows_no_unused_references(string project, string assembly)
    {
        using var compiled = Open(assembly);
        var used = Rooms.ReferencesIn(compiled, project).Select(reference => (reference.From, reference.To)).ToHashSet();
        var rooms = Allowed.RoomsOf(project);
        AssertNone("ARCHITECTURE.md lists rooms that do not exist", rooms.Keys.Except(Rooms.In(compiled, project)));
        var unused = rooms.SelectMany(
            room => room.Value, (room, target) => (room.Key, target)).Where(reference => !used.Contains(reference));
        AssertNone(
            "ARCHITECTURE.md allows references that do not exist", unused.Select(reference => $"{reference.Key} → {reference.target}"));
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_project_references_only_projects_that_the_architecture_allows(string project, string assembly)
    {
        using var compiled = Open(assembly);
        Assert.Equal(
            Allowed.OfProject(project).Order(),
            compiled.ReferencedAssemblies().Where(name => name.StartsWith("Mandos.", StringComparison.Ordinal)).Order());
    }

    private static CompiledAssembly Open(string assembly) => new(Path.Combine(AppContext.BaseDirectory, assembly + ".dll"));

    private static void AssertNone(string what, IEnumerable<object> found)
    {
        var lines = found.ToList();
        Assert.True(lines.Count == 0, $"{what}:\n{string.Join('\n', lines)}");
    }
}
