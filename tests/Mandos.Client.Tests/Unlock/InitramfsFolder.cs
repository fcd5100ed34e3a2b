using System.Diagnostics;
using System.Globalization;

namespace Mandos.Client.Tests.Unlock;

/// <summary>A folder that looks like the root of an initramfs with cryptsetup's askpass in it.</summary>
internal sealed class InitramfsFolder : IDisposable
{
    public InitramfsFolder()
    {
        Directory.CreateDirectory($"{Root}/lib/cryptsetup");
        File.WriteAllText($"{Root}/lib/cryptsetup/askpass", "");
        foreach (var name in new[] { "proc/self", "proc/1", "proc/2" })
            Directory.CreateDirectory($"{Root}/{name}");
        File.CreateSymbolicLink($"{Root}/proc/1/exe", "/usr/bin/sh");
    }

    public string Root { get; } = Directory.CreateTempSubdirectory("mandos-unlock").FullName;

    private string Fifo => $"{Root}/lib/cryptsetup/passfifo";

    /// <summary>A process of askpass begins to ask; the task ends with the answer.</summary>
    public Task<byte[]> Ask(int process, params string[] environment)
    {
        using (var make = Process.Start("mkfifo", ["-m", "600", Fifo]))
            make.WaitForExit();
        var folder = $"{Root}/proc/{process.ToString(CultureInfo.InvariantCulture)}";
        Directory.CreateDirectory(folder);
        File.WriteAllText($"{folder}/environ", string.Concat(environment.Select(variable => variable + "\0")));
        // As with the real one: opening for reading waits for a writer.
        var reading = Task.Factory.StartNew(
            () => File.ReadAllBytes(Fifo), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        File.CreateSymbolicLink($"{folder}/exe", "/usr/lib/cryptsetup/askpass");
        return reading.ContinueWith(
            answer =>
            {
                Directory.Delete(folder, recursive: true);
                File.Delete(Fifo);
                return answer.Result;
            },
            CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
    }

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
