using System.Text;
using Mandos.Client.Agent;
using Mandos.Client.Hosting;
using Mandos.Core.Linux.FileDescriptors;
using Mandos.Core.Secrets;

namespace Mandos.Client.Tests.Agent;

/// <summary>An agent with a client in shell, and askers, in a directory of its own.</summary>
internal sealed class AgentRig : IDisposable
{
    internal const string Endless = "while :; do sleep 0.05; done";
    internal const string WhenEnded = "trap 'touch ended; exit 1' TERM";

    private readonly Descriptor _standardError;
    private readonly Descriptor _messages;
    private int _asked;

    internal AgentRig() => Assert.True(Descriptor.Pipe(out _messages, out _standardError).Ok);

    internal string Folder { get; } = Directory.CreateTempSubdirectory("agent-test-").FullName;

    internal Descriptor StandardError => _standardError;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    internal Messages Messages() => new("password-agent", debug: false, StandardError.Number);

    internal Task<int> RunAsync(string[] client, double linger = 0, bool anyId = false, CancellationToken? stop = null) =>
        AgentProgram.RunAsync(
        new AgentOptions
        {
            AgentDirectory = Folder,
            HelperDirectory = "/helpers",
            AnyId = anyId,
            Linger = TimeSpan.FromSeconds(linger),
            Client = client,
        },
        Messages(), TimeProvider.System, stop ?? Token).WaitAsync(TimeSpan.FromMinutes(2), Token);

    /// <summary>A client that counts how often it is started.</summary>
    internal string[] Client(string script, string first = ":") =>
        ["/bin/sh", "-c", $"cd {Folder}; {first}; echo run >> runs; {script}"];

    internal string PathOf(string name) => Path.Combine(Folder, name);

    internal void Put(string name, ReadOnlySpan<byte> content = default) => File.WriteAllBytes(PathOf(name), content);

    internal int Runs() => File.Exists(PathOf("runs")) ? File.ReadAllLines(PathOf("runs")).Length : 0;

    internal async Task RunsBecome(int count)
    {
        while (Runs() < count)
            await Task.Delay(10, Token);
    }

    internal async Task FileAppears(string name)
    {
        while (!File.Exists(PathOf(name)))
            await Task.Delay(10, Token);
    }

    internal async Task MakeFifoAsync(string name)
    {
        using var process = System.Diagnostics.Process.Start("mkfifo", [PathOf(name)]);
        await process.WaitForExitAsync(Token);
        Assert.Equal(0, process.ExitCode);
    }

    /// <summary>Waits until the agent has written something to standard error.</summary>
    internal async Task SaysSomethingAsync()
    {
        while (!DescriptorIo.WaitUntilReadable(_messages.Number, 0))
            await Task.Delay(10, Token);
    }

    /// <summary>What the agent wrote to standard error; the agent has ended.</summary>
    internal string Said()
    {
        StandardError.Dispose();
        using var all = SecretInput.ReadToEnd(_messages.Number, 1 << 20, out _)!;
        return Encoding.UTF8.GetString(all.Span);
    }

    internal AskedQuestion Ask(
        string disk, string? id = null, string notAfter = "0", bool listen = true, int? processId = null,
        string message = "Please enter passphrase")
    {
        var question = new AskedQuestion(
            Folder, ++_asked, id ?? $"cryptsetup:{disk}", notAfter, processId ?? Environment.ProcessId, message);
        if (listen)
            question.Listen();
        return question;
    }

    public void Dispose()
    {
        StandardError.Dispose();
        _messages.Dispose();
        Directory.Delete(Folder, recursive: true);
    }
}
