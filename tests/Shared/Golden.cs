namespace Mandos.Tests;

/// <summary>Recorded data of the original (test keys only), in tests/golden.</summary>
internal static class Golden
{
    /// <summary>The root of the checkout.</summary>
    public static string Root { get; } = FindRoot();

    public static string Path(string name) => System.IO.Path.Combine(Root, "tests", "golden", name);

    public static byte[] Bytes(string name) => File.ReadAllBytes(Path(name));

    public static string Text(string name) => File.ReadAllText(Path(name));

    private static string FindRoot()
    {
        for (var folder = AppContext.BaseDirectory; folder is not null; folder = System.IO.Path.GetDirectoryName(folder))
        {
            if (File.Exists(System.IO.Path.Combine(folder, "Mandos.Client.sln")))
                return folder;
        }

        throw new InvalidOperationException("the tests run outside a checkout");
    }
}
