namespace Mandos.Keygen.Tests;

/// <summary>A directory of one test.</summary>
internal sealed class TemporaryDirectory : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("mandos-keygen-tests-").FullName;

    public string this[string name] => System.IO.Path.Combine(Path, name);

    public IEnumerable<string> Names =>
        Directory.EnumerateFileSystemEntries(Path).Select(entry => System.IO.Path.GetFileName(entry)!).Order(StringComparer.Ordinal);

    /// <summary>The state of it: each file's name and content, staging directories left out.</summary>
    public string State =>
        string.Join(
            '\n',
            Directory.EnumerateFiles(Path)
                .Order(StringComparer.Ordinal)
                .Select(file => $"{System.IO.Path.GetFileName(file)}={File.ReadAllText(file)}"));

    /// <summary>A copy of everything in it, as a crash at this moment would leave it.</summary>
    public TemporaryDirectory Snapshot()
    {
        var copy = new TemporaryDirectory();
        foreach (var folder in Directory.EnumerateDirectories(Path, "*", SearchOption.AllDirectories))
            Directory.CreateDirectory(copy[System.IO.Path.GetRelativePath(Path, folder)]);
        foreach (var file in Directory.EnumerateFiles(Path, "*", SearchOption.AllDirectories))
            File.Copy(file, copy[System.IO.Path.GetRelativePath(Path, file)]);
        return copy;
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
