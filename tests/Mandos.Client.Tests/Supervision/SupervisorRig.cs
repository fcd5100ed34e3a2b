using System.Globalization;
using System.Text;
using Mandos.Client.CommandLine;
using Mandos.Client.Hosting;
using Mandos.Client.Supervision;
using Mandos.Client.Tests.Network;
using Mandos.Core.Linux.FileDescriptors;
using Mandos.Core.Secrets;

namespace Mandos.Client.Tests.Supervision;

/// <summary>
/// A supervisor in its own network whose network process is a shell script with the same descriptors, one after the
/// other for each start. The interface <c>own0</c> is down and there is a hook: both are left as they were.
/// </summary>
public sealed class SupervisorRig : IDisposable
{
    private readonly NetworkNamespace _here = new();
    private readonly NetworkNamespace _there = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("mandos").FullName;
    private readonly Descriptor _messages;
    private readonly Descriptor _messagesEnd;
    private readonly Descriptor _output;
    private readonly Descriptor _outputEnd;

    internal SupervisorRig()
    {
        Assert.True(Descriptor.Pipe(out _messagesEnd, out _messages).Ok);
        Assert.True(Descriptor.Pipe(out _outputEnd, out _output).Ok);
        Directory.CreateDirectory(Path.Combine(_folder, "hooks"));
        Script("hooks/note", "echo $MODE >>\"$MANDOSNETHOOKDIR/../modes\"");
        foreach (var key in new[] { "pub", "sec", "tls-pub", "tls-priv" })
            File.WriteAllText(Path.Combine(_folder, key), $"the key {key}\n");
    }

    /// <summary>Completes when a part of the password has been printed.</summary>
    internal Task UntilPrintingAsync() => Task.Run(() => Assert.True(DescriptorIo.WaitUntilReadable(_outputEnd.Number, 60_000)));

    /// <summary>Standard error takes nothing from now on.</summary>
    internal void FillMessages()
    {
        Assert.True(_messages.SetWaiting(false).Ok);
        while (DescriptorIo.Write(_messages.Number, new byte[4096], out _).Ok)
        {
            // Until it is full.
        }

        Assert.True(_messages.SetWaiting(true).Ok);
    }

    /// <summary>Lines of a file that scripts wrote in the test's folder; none if there is no such file.</summary>
    internal string[] Lines(string name) => File.Exists(Path.Combine(_folder, name)) ? File.ReadAllLines(Path.Combine(_folder, name)) : [];

    /// <summary>Completes when a script has made the file.</summary>
    internal async Task UntilThereAsync(string name)
    {
        using var watcher = new FileSystemWatcher(_folder, name);
        var made = new TaskCompletionSource();
        watcher.Created += (_, _) => made.TrySetResult();
        watcher.EnableRaisingEvents = true;
        if (!File.Exists(Path.Combine(_folder, name)))
            await made.Task.WaitAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>
    /// Runs the supervisor to its end, then looks whether everything is as it was. The script finds the test's folder in
    /// <c>$here</c>, the number of its run in <c>$run</c> and the index of own0 in <c>$own0</c>; <c>request N HOST</c> asks
    /// for a route (HOST as eight hexadecimal digits), <c>message</c> makes the bytes of that for printf(1), <c>begin</c> tells
    /// the test, once a hook has run, that it may go on.
    /// </summary>
    /// <returns>The exit code; null if the supervisor followed the signal.</returns>
    internal async Task<int?> RunAsync(string script, Func<CancellationTokenSource, Task>? meanwhile = null)
    {
        await _here.IpAsync($"link add own0 type veth peer name peer0 netns {_there.ThreadId}");
        await _there.IpAsync("link set peer0 up");
        var index = (await _here.IpAsync("-o link show own0")).Split(':')[0];
        Script("fake", Prologue(index) + script);
        using var stop = new CancellationTokenSource();
        var running = _here.RunAsync(() => SuperviseAsync(stop.Token));
        if (meanwhile is not null)
            await meanwhile(stop);
        var exitCode = await running;
        await AssertUndoneAsync();
        return exitCode;
    }

    /// <summary>What was printed as the password.</summary>
    internal string Printed()
    {
        _output.Dispose();
        using var password = SecretInput.ReadToEnd(_outputEnd.Number, 32 << 20, out _);
        return Encoding.ASCII.GetString(password!.Span);
    }

    /// <summary>What was said on standard error.</summary>
    internal string Said()
    {
        _messages.Dispose();
        using var text = SecretInput.ReadToEnd(_messagesEnd.Number, 1 << 20, out _);
        return Encoding.ASCII.GetString(text!.Span);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var left in Lines("left-behind"))
            Kill(int.Parse(left, CultureInfo.InvariantCulture));
        _here.Dispose();
        _there.Dispose();
        foreach (var end in new[] { _messages, _messagesEnd, _output, _outputEnd })
            end.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static void Kill(int process)
    {
        try
        {
            using var left = System.Diagnostics.Process.GetProcessById(process);
            left.Kill();
        }
        catch (ArgumentException)
        {
            // One that writes to the network process' own pipes ends by itself.
        }
    }

    private string Prologue(string index) => $$"""
        here={{_folder}}
        own0={{index}}
        echo run >>$here/runs
        run=$(wc -l <$here/runs)
        octal() { printf '%s\n' "$1" | sed 's/../&\n/g' | while read -r byte; do [ -z "$byte" ] || printf '\\%03o' "0x$byte"; done; }
        message() { octal "04000400$(printf '%02x' "$1")000000$(printf '%02x' "$own0")000000${2}$(printf '%056d' 0)"; }
        request() { printf "$(message "$1" "$2")" >&3; }
        begin() { while ! [ -s $here/modes ]; do sleep 0.05; done; touch $here/began; }
        password() { printf '\004\000\000\000pass'; }

        """;

    private async Task<int?> SuperviseAsync(CancellationToken stop)
    {
        var options = new ClientOptions
        {
            Interfaces = ["own0"],
            Keys = new KeyPaths(
                Path.Combine(_folder, "pub"), Path.Combine(_folder, "sec"), Path.Combine(_folder, "tls-pub"),
                Path.Combine(_folder, "tls-priv")),
            NetworkHookDirectory = Path.Combine(_folder, "hooks"),
        };
        var supervisor = new Supervisor(options, new Messages("mandos-client", debug: false, _messages.Number), TimeProvider.System)
        {
            Programs = [Path.Combine(_folder, "fake")],
            Output = _output.Number,
            Errors = _messages.Number,
        };
        try
        {
            return await supervisor.RunAsync(stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return null;
        }
    }

    private async Task AssertUndoneAsync()
    {
        Assert.DoesNotContain(",UP", await _here.IpAsync("-o link show own0"), StringComparison.Ordinal);
        Assert.Equal("", await _here.IpAsync("route show"));
        Assert.Equal(["start", "stop"], Lines("modes"));
    }

    private void Script(string name, string content)
    {
        var path = Path.Combine(_folder, name);
        File.WriteAllText(path, $"#!/bin/sh\n{content}\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}
