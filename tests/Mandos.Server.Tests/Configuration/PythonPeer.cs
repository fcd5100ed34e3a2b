using System.Diagnostics;
using System.Text.Json;

namespace Mandos.Server.Tests.Configuration;

/// <summary>Python 3's configparser, asked about many texts at once. Needs python3.</summary>
internal static class PythonPeer
{
    /// <summary>What it makes of a file: null if it refuses it, else section, option, raw and interpolated value.</summary>
    internal static List<Dictionary<string, Dictionary<string, string?[]>>?> Read(
        IEnumerable<byte[]> texts, IReadOnlyDictionary<string, string> defaults)
    {
        var script = Path.Combine(Golden.Root, "tests", "Mandos.Server.Tests", "Configuration", "configparser-peer.py");
        using var process = Start(script);
        process.StandardInput.Write(JsonSerializer.Serialize(texts.Select(text => new { text, defaults })));
        process.StandardInput.Close();
        var answer = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
        return JsonSerializer.Deserialize<List<Dictionary<string, Dictionary<string, string?[]>>?>>(answer)!;
    }

    private static Process Start(string script)
    {
        try
        {
            // -S -E: no site packages and no environment, which only cost time.
            return Process.Start(
                new ProcessStartInfo("python3", ["-S", "-E", script]) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Fail("needs python3: 'make need-check' installs it");
            throw;
        }
    }
}
