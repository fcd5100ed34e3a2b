namespace Mandos.Interop.Packaging;

/// <summary><c>scripts/build.sh</c> with a compiler that copies what it finds: what is up to date, and never what is not.</summary>
public sealed class BuildScriptTests : IDisposable
{
    private const UnixFileMode Executable = (UnixFileMode)0b111_101_101;

    // "dotnet publish PROJECT ... -o FOLDER": the program is the sources of the project and of what it has in common.
    private const string Compiler = """
        #!/bin/sh
        [ "$1" != --version ] || exec echo "${COMPILER-10}"
        project=$2
        while [ "$1" != -o ]; do shift; done
        mkdir -p "$2"
        cat "$project"/*.cs src/Core/*.cs >"$2/${2##*/}"
        chmod 755 "$2/${2##*/}"
        """;

    private readonly string _root = Directory.CreateTempSubdirectory("mandos-build-").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public async Task What_was_made_from_the_present_sources_is_not_made_again()
    {
        await PrepareAsync();
        Assert.Equal(["building a", "building b"], await BuildAsync());
        Assert.Empty(await BuildAsync());
        File.SetLastWriteTimeUtc(PathOf("src/Core/core.cs"), DateTime.UnixEpoch.AddYears(60));
        await PutAsync("src/Mandos.A/obj/left.cs", "of the last build");
        Assert.Empty(await BuildAsync());
    }

    [Fact]
    public async Task Any_change_to_the_sources_causes_a_rebuild()
    {
        await PrepareAsync();
        await BuildAsync();

        await PutAsync("src/Mandos.A/a.cs", "a2;");
        Assert.Equal(["building a"], await BuildAsync());
        // With the time of the old one.
        var time = File.GetLastWriteTimeUtc(PathOf("src/Core/core.cs"));
        await PutAsync("src/Core/core.cs", "c2;");
        File.SetLastWriteTimeUtc(PathOf("src/Core/core.cs"), time);
        Assert.Equal(["building a", "building b"], await BuildAsync());
        await PutAsync("src/Mandos.B/more.cs", "more;");
        Assert.Equal(["building b"], await BuildAsync());
        File.Delete(PathOf("src/Mandos.B/more.cs"));
        Assert.Equal(["building b"], await BuildAsync());
        await PutAsync("Directory.Packages.props", "<Project>other versions</Project>");
        Assert.Equal(["building a", "building b"], await BuildAsync());
        Assert.Equal(["building a", "building b"], await BuildAsync(compiler: "11"));

        Assert.Equal("a2;c2;", await File.ReadAllTextAsync(PathOf("artifacts/bin/a"), Token));
        Assert.Equal("b1;c2;", await File.ReadAllTextAsync(PathOf("artifacts/bin/b"), Token));
    }

    [Fact]
    public async Task A_changed_or_deleted_program_is_built_again()
    {
        await PrepareAsync();
        await BuildAsync();
        await PutAsync("artifacts/bin/a", "another one");
        File.Delete(PathOf("artifacts/bin/b"));
        Assert.Equal(["building a", "building b"], await BuildAsync());
        Assert.Equal("a1;c1;", await File.ReadAllTextAsync(PathOf("artifacts/bin/a"), Token));
    }

    private async Task PrepareAsync()
    {
        foreach (var script in (string[])["build.sh", "fingerprint.sh"])
            await PutAsync(
                $"scripts/{script}", await File.ReadAllTextAsync(Path.Combine(Golden.Root, "scripts", script), Token), Executable);
        await PutAsync("tools/dotnet", Compiler, Executable);
        await PutAsync("tools/strip", "#!/bin/sh\ncp \"$3\" \"$2\"\n", Executable);
        foreach (var file
            in (string[])["Directory.Build.props", "Directory.Packages.props", "global.json", "nuget.config", ".editorconfig"])
            await PutAsync(file, "");
        foreach (var name in (string[])["A", "B"])
        {
            await PutAsync(
                $"src/Mandos.{name}/Mandos.{name}.csproj",
                $"<Import Project=\"../NativeProgram.props\" />\n<AssemblyName>{name.ToLowerInvariant()}</AssemblyName>\n");
            await PutAsync($"src/Mandos.{name}/{name.ToLowerInvariant()}.cs", $"{name.ToLowerInvariant()}1;");
        }

        await PutAsync("src/Core/core.cs", "c1;");
    }

    private string PathOf(string path) => Path.Combine(_root, path);

    private async Task PutAsync(string path, string text, UnixFileMode? mode = null)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(PathOf(path))!);
        await File.WriteAllTextAsync(PathOf(path), text, Token);
        if (mode is { } bits)
            File.SetUnixFileMode(PathOf(path), bits);
    }

    /// <summary>Builds both programs; returns what was made.</summary>
    private async Task<IReadOnlyList<string>> BuildAsync(string compiler = "10")
    {
        var environment = new Dictionary<string, string> { ["PATH"] = $"{PathOf("tools")}:/usr/bin:/bin", ["COMPILER"] = compiler };
        await using var running = RunningProcess.Start(
            "build.sh", PathOf("scripts/build.sh"), ["A", "B"], new() { Environment = environment });
        var said = (await running.WaitAsync(TimeSpan.FromSeconds(60), Token)).OrThrow().Text;
        return [.. said.Split('\n').Where(l => l.StartsWith("building ", StringComparison.Ordinal)).Select(l => l.Split(" (")[0])];
    }
}
