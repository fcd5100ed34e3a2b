namespace Mandos.Architecture.Tests;

/// <summary>
/// The table of ARCHITECTURE.md that says what may refer to what: a line for each project (<c>Project: projects</c>), below it
/// an indented line for each of its rooms (<c>Room: rooms</c>).
/// </summary>
internal sealed class AllowedReferences
{
    private readonly Dictionary<string, Dictionary<string, string[]>> _rooms = [];
    private readonly Dictionary<string, string[]> _projects = [];

    private AllowedReferences()
    {
    }

    public static AllowedReferences Parse(string document)
    {
        var allowed = new AllowedReferences();
        var project = "";
        var lines = document.Split('\n').SkipWhile(line => line != "<!-- rooms -->").TakeWhile(line => line != "<!-- end of rooms -->");
        foreach (var line in lines.Where(line => line.Contains(':', StringComparison.Ordinal)))
        {
            var parts = line.Split(':', 2, StringSplitOptions.TrimEntries);
            var targets = parts[1].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (parts[0].StartsWith("Mandos.", StringComparison.Ordinal))
            {
                project = parts[0];
                allowed._projects.Add(project, targets);
                allowed._rooms.Add(project, []);
            }
            else
                allowed._rooms[project].Add(parts[0], targets);
        }

        return allowed;
    }

    /// <summary>The projects that a project may refer to.</summary>
    public IReadOnlyList<string> OfProject(string project) => _projects[project];

    /// <summary>The rooms of a project in their order, each with those that it may refer to.</summary>
    public IReadOnlyDictionary<string, string[]> RoomsOf(string project) => _rooms[project];
}
