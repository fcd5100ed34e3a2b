namespace Mandos.Boot.Guests;

/// <summary>A folder for files that a machine gets; it ends with this.</summary>
internal sealed class StagingFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("mandos-guest-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
