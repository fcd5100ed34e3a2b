using System.Globalization;

namespace Mandos.Bench;

/// <summary>How big the boot executable is, and what of.</summary>
/// <param name="File">Bytes, stripped, as published.</param>
/// <param name="Compressed">Bytes after <c>zstd -19</c>.</param>
/// <param name="Sections">Bytes in the file by kind of content.</param>
/// <param name="Libraries">Bytes of managed machine code by library; empty if the compiler's object file is gone.</param>
internal sealed record ProgramSize(
    long File, long Compressed, IReadOnlyList<KeyValuePair<string, long>> Sections, IReadOnlyList<KeyValuePair<string, long>> Libraries)
{
    private static readonly Dictionary<string, string> Kinds = new()
    {
        ["__managedcode"] = "machine code from C#",
        [".text"] = "machine code of the runtime and libc",
        [".rodata"] = "constants and metadata",
        [".eh_frame"] = "unwinding tables",
        [".eh_frame_hdr"] = "unwinding tables",
        [".dotnet_eh_table"] = "unwinding tables",
        [".rela.dyn"] = "relocations and data",
        [".data"] = "relocations and data",
        [".data.rel.ro"] = "relocations and data",
    };

    /// <summary>Measures <paramref name="program"/>; <paramref name="objectFile"/> is what the compiler made for the linker.</summary>
    public static async Task<ProgramSize> OfAsync(Laboratory laboratory, string program, string objectFile)
    {
        var file = new FileInfo(program).Length;
        var compressed = long.Parse(
            (await laboratory.ShellOnHostAsync($"zstd -19 -q -c '{program}' | wc -c")).Trim(), CultureInfo.InvariantCulture);
        // readelf: [Nr] Name Type Address Offset Size ...; a section of type NOBITS takes no place in the file.
        var sections = Rows(await laboratory.ShellOnHostAsync($"readelf -SW '{program}' | sed -n 's/^ *\\[ *[0-9]*\\] *//p'"))
            .Where(f => f.Length > 5 && f[1] != "NOBITS" && f[1] != "NULL")
            .Select(
                f =>
                    (
                        Kind: Kinds.GetValueOrDefault(f[0], "the rest"),
                        Size: long.Parse(f[4], NumberStyles.HexNumber, CultureInfo.InvariantCulture)));
        return new(file, compressed, Sum(sections), System.IO.File.Exists(objectFile) ? Sum(await CodeAsync(laboratory, objectFile)) : []);
    }

    private static async Task<IEnumerable<(string Library, long Size)>> CodeAsync(Laboratory laboratory, string objectFile) =>
        Rows(await laboratory.ShellOnHostAsync($"nm --print-size --radix=d '{objectFile}'"))
            .Where(f => f.Length == 4 && f[2] is "t" or "T")
            .Select(f => (Library(f[3]), long.Parse(f[1], CultureInfo.InvariantCulture)));

    private static string Library(string symbol) => symbol switch
    {
        _ when symbol.Contains("BouncyCastle", StringComparison.Ordinal) => "BouncyCastle",
        _ when symbol.Contains("System_CommandLine", StringComparison.Ordinal)
            || symbol.Contains("Mandos_CommandLine", StringComparison.Ordinal) =>
            "System.CommandLine and ours around it",
        _ when symbol.Contains("Mandos_Core", StringComparison.Ordinal) || symbol.Contains("mandos_client", StringComparison.Ordinal) =>
            "Mandos",
        _ when symbol.Contains("System_Net", StringComparison.Ordinal) => "System.Net",
        _ when symbol.Contains("System_Linq", StringComparison.Ordinal) => "System.Linq",
        _ when symbol.Contains("System_Runtime_Numerics", StringComparison.Ordinal) => "System.Runtime.Numerics",
        _ when symbol.Contains("S_P_", StringComparison.Ordinal) => "System.Private.CoreLib and the runtime's own",
        _ => "the rest",
    };

    private static IEnumerable<string[]> Rows(string text) =>
        text.Split('\n').Select(l => l.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Where(f => f.Length > 0);

    private static KeyValuePair<string, long>[] Sum(IEnumerable<(string Key, long Size)> parts) =>
        [.. parts.GroupBy(p => p.Key, p => p.Size).Select(g => KeyValuePair.Create(g.Key, g.Sum())).OrderByDescending(p => p.Value)];
}
