using Mandos.Keygen.Hosting;
using System.Text;
using Mandos.Core.Secrets;
using Microsoft.Extensions.Time.Testing;
using Microsoft.Win32.SafeHandles;

namespace Mandos.Keygen.Tests;

/// <summary>One run of the program in surroundings that the test chooses.</summary>
internal sealed class KeygenRun
{
    public StringWriter Output { get; } = new();

    public StringWriter Error { get; } = new();

    public FakeTimeProvider Time { get; init; } = new(new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero));

    public byte[] Input { get; init; } = [];

    public string Typed { get; init; } = "";

    public string HostName { get; init; } = "host.example";

    public bool Watched { get; init; }

    public List<string> Scans { get; } = [];

    public Func<string, string?> KeyScan { get; init; } = _ => null;

    public async Task<int> RunAsync(params string[] arguments)
    {
        using var input = InputFile();
        var surroundings = new KeygenEnvironment
        {
            Output = Output,
            Error = Error,
            Watched = Watched,
            Time = Time,
            StandardInput = (int)input.DangerousGetHandle(),
            AskPassword = () => SecretBuffer.CopyOf(Encoding.UTF8.GetBytes(Typed)),
            HostName = _ => Task.FromResult(HostName),
            KeyScan = (words, _) =>
            {
                Scans.Add(string.Join(' ', words));
                return Task.FromResult(KeyScan(Scans[^1]));
            },
        };
        return await new KeygenProgram(surroundings).RunAsync(arguments, TestContext.Current.CancellationToken);
    }

    private SafeFileHandle InputFile()
    {
        var file = File.OpenHandle(Path.GetTempFileName(), FileMode.Open, FileAccess.ReadWrite, FileShare.None, FileOptions.DeleteOnClose);
        RandomAccess.Write(file, Input, 0);
        return file;
    }

    /// <summary>Makes a key set in a directory; fails the test if that fails.</summary>
    public static async Task MakeKeysAsync(TemporaryDirectory directory, params string[] arguments)
    {
        var run = new KeygenRun();
        Assert.Equal(0, await run.RunAsync(["--dir", directory.Path, .. arguments]));
        Assert.Equal("", run.Output.ToString());
        Assert.Equal("", run.Error.ToString());
    }

    /// <summary>The stanza for a password, with the keys of a directory.</summary>
    public static async Task<string> StanzaAsync(TemporaryDirectory directory, byte[] password, params string[] arguments)
    {
        var run = new KeygenRun { Input = password };
        Assert.Equal(0, await run.RunAsync(["--dir", directory.Path, "--passfile=-", .. arguments]));
        Assert.Equal("", run.Error.ToString());
        return run.Output.ToString();
    }

    /// <summary>The secret in a stanza, decoded.</summary>
    public static byte[] SecretOf(string stanza) =>
        Convert.FromBase64String(
            string.Concat(stanza.Split('\n').Where(line => line.StartsWith("    ", StringComparison.Ordinal)).Select(line => line.Trim())));
}
