namespace Mandos.Peers;

/// <summary>Our programs, as published.</summary>
public static class PublishedPrograms
{
    /// <summary>$MANDOS_BIN, else artifacts/bin of the checkout.</summary>
    public static string Folder { get; } = Environment.GetEnvironmentVariable("MANDOS_BIN") is { Length: > 0 } chosen
        ? chosen
        : Path.Combine(Golden.Root, "artifacts", "bin");
}
