namespace Mandos.Peers;

/// <summary>Our Debian packages, as built by <c>make deb</c>.</summary>
public static class PublishedPackages
{
    /// <summary>The package of the client part.</summary>
    public const string Client = "mandos-client-dotnet";

    /// <summary>The package of the server.</summary>
    public const string Server = "mandos-dotnet";

    /// <summary>The package of mandos-web.</summary>
    public const string Web = "mandos-web-dotnet";

    /// <summary>All packages.</summary>
    public static IReadOnlyList<string> All { get; } = [Client, Server, Web];

    /// <summary>$MANDOS_DEB, else artifacts/deb of the checkout.</summary>
    public static string Folder { get; } = Environment.GetEnvironmentVariable("MANDOS_DEB") is { Length: > 0 } chosen
        ? chosen
        : Path.Combine(Golden.Root, "artifacts", "deb");

    /// <summary>The file of a package.</summary>
    public static string File(string package) => Directory.Exists(Folder)
        ? Directory.EnumerateFiles(Folder, $"{package}_*.deb").Single()
        : throw new InvalidOperationException($"no packages in {Folder}: run 'make deb'");
}
