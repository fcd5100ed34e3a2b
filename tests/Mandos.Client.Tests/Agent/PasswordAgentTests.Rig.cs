using System.Text;
using Mandos.Client.Agent;
using Mandos.Client.Hosting;
using Mandos.Core.Linux.FileDescriptors;
using Mandos.Core.Secrets;

namespace Mandos.Client.Tests.Agent;

/// <summary>An agent with a client in shell, and askers.</summary>
public sealed partial class PasswordAgentTests
{
    private Messages Messages() => new("password-agent", debug: false, _standardError.Number);

    private Task<int> RunAsync(string[] client, double linger = 0, bool anyId = false, CancellationToken? stop = null) =>
        AgentProgram.RunAsync(
        new AgentOptions
        {
            AgentDirectory = _directory.FullName,
            HelperDirectory = "/helpers",
            AnyId = anyId,
            Linger = TimeSpan.FromSeconds(linger),
            Client = client,
        },
        Messages(), TimeProvider.System, stop ?? Token).WaitAsync(TimeSpan.FromMinutes(2), Token);

    /// <summary>A client that counts how often it is started.</summary>
    private string[] Client(string script, string first = ":") =>
        ["/bin/sh", "-c", $"cd {_directory.FullName}; {first}; echo run >> runs; {script}"];

    private string PathOf(string name) => Path.Combine(_directory.FullName, name);

    private void Put(string name, ReadOnlySpan<byte> content = default) => File.WriteAllBytes(PathOf(name), content);

    private int Runs() => File.Exists(PathOf("runs")) ? File.ReadAllLines(PathOf("runs")).Length : 0;

    private async Task RunsBecome(int count)
    {
        while (Runs() < count)
            await Task.Delay(10, Token);
    }

    private async Task FileAppears(string name)
    {
        while (!File.Exists(PathOf(name)))
            await Task.Delay(10, Token);
    }

    private async Task MakeFifoAsync(string name)
    {
        using var process = System.Diagnostics.Process.Start("mkfifo", [PathOf(name)]);
        await process.WaitForExitAsync(Token);
        Assert.Equal(0, process.ExitCode);
    }

    /// <summary>Waits until the agent has written something to standard error.</summary>
    private async Task SaysSomethingAsync()
    {
        while (!DescriptorIo.WaitUntilReadable(_messages.Number, 0))
            await Task.Delay(10, Token);
    }

    /// <summary>What the agent wrote to standard error; the agent has ended.</summary>
    private string Said()
    {
        _standardError.Dispose();
        using var all = SecretInput.ReadToEnd(_messages.Number, 1 << 20, out _)!;
        return Encoding.UTF8.GetString(all.Span);
    }

    private AskedQuestion Ask(
        string disk, string? id = null, string notAfter = "0", bool listen = true, int? processId = null,
        string message = "Please enter passphrase")
    {
        var question = new AskedQuestion(
            _directory.FullName, ++_asked, id ?? $"cryptsetup:{disk}", notAfter, processId ?? Environment.ProcessId, message);
        if (listen)
            question.Listen();
        return question;
    }
}
