using System.Globalization;
using System.Text.Json;

namespace Mandos.Bench;

/// <summary>One run of a client.</summary>
/// <param name="Exit">Seconds from its start to its end, with the password out.</param>
/// <param name="Cpu">Seconds of processor time of the whole process tree.</param>
/// <param name="Rss">Peak resident memory of the tree, bytes; 0 if it was not measured.</param>
/// <param name="Pss">The same with shared pages divided among those who share them.</param>
/// <param name="Dirty">The private part: written, and not backed by a file.</param>
/// <param name="Processes">Most processes at one moment.</param>
internal sealed record Sample(double Exit, double Cpu, long Rss, long Pss, long Dirty, int Processes)
{
    /// <summary>Reads what measure.py printed; fails if the password was not the expected one.</summary>
    public static Sample Parse(CompletedProcess done, byte[] password)
    {
        using var json = JsonDocument.Parse(done.OrThrow().Text);
        var root = json.RootElement;
        var output = root.GetProperty("output").GetString();
        if (output != Convert.ToHexStringLower(password))
            throw new InvalidOperationException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"no password but '{output}', exit status {root.GetProperty("status").GetInt32()}\n{done.Errors}"));
        return new(
            root.GetProperty("exit").GetDouble(), root.GetProperty("cpu").GetDouble(), root.GetProperty("rss").GetInt64(),
            root.GetProperty("pss").GetInt64(), root.GetProperty("dirty").GetInt64(), root.GetProperty("processes").GetInt32());
    }
}
