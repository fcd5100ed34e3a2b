using Mandos.Keygen.Programs;

namespace Mandos.Keygen.Tests.Enrolment;

/// <summary>
/// A server's files in a directory of the test. The scripts for it run in the sh of this machine, with stand-ins for mandos, mandos-ctl
/// and service: real servers are in tests/Interop.
/// </summary>
internal sealed class ScriptedServer : IPrograms, IDisposable
{
    private readonly TemporaryDirectory _root = new();
    private readonly InstalledPrograms _programs = new(TimeProvider.System);

    public ScriptedServer(bool isOurs = true, bool hasSudo = true, bool isRoot = true)
    {
        Directory.CreateDirectory(_root["etc"]);
        Directory.CreateDirectory(_root["bin"]);
        Write("clients.conf", "[DEFAULT]\n");
        var help = isOurs ? "--check-config" : "--debug";
        Program(
            "mandos",
            $"""
            case $1 in --help) echo {help} ;; --version) echo mandos 1.2.3 ;; --check-config)
              echo 'mandos: warning: a warning' >&2; ! grep -l INVALID {_root["etc"]}/clients.conf {_root["etc"]}/clients.d/*.conf >&2 || \
                echo 'mandos: error: INVALID' >&2 ;; esac
            """);
        Program("service", $"echo restart >>{_root["log"]}; ! grep -q BROKEN {_root["etc"]}/clients.conf");
        Program("id", $"echo {(isRoot ? 0 : 1000)}");
        Program("sudo", hasSudo ? "[ \"$1\" = -n ] && shift; echo sudo >>" + _root["log"] + "; exec \"$@\"" : "exit 1");
    }

    /// <summary>Command lines of ssh.</summary>
    public List<string> Lines { get; } = [];

    /// <summary>What ssh itself exits with.</summary>
    public int? SshExit { get; set; }

    /// <summary>How many bytes of the input arrive.</summary>
    public int? Arriving { get; set; }

    /// <summary>Whether the connection ends when a script begins, so that its output goes nowhere.</summary>
    public bool IsUnheard { get; set; }

    public string Log => File.Exists(_root["log"]) ? File.ReadAllText(_root["log"]) : "";

    public string Read(string name) => File.ReadAllText(Path.Combine(_root["etc"], name));

    public IEnumerable<string> Names => Directory.EnumerateFiles(_root["etc"], "*", SearchOption.AllDirectories)
        .Select(path => Path.GetRelativePath(_root["etc"], path)).Order(StringComparer.Ordinal);

    public void Write(string name, string content)
    {
        var path = Path.Combine(_root["etc"], name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, content);
    }

    /// <summary>Moves a file, and leaves a link to it.</summary>
    public void Link(string name, string target)
    {
        var (link, file) = (Path.Combine(_root["etc"], name), Path.Combine(_root["etc"], target));
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.Move(link, file);
        File.CreateSymbolicLink(link, target);
    }

    /// <summary>Removes the configuration of the server.</summary>
    public void Clear() => Directory.Delete(_root["etc"], recursive: true);

    /// <summary>The process that a reload signals: one that lets the signal be seen.</summary>
    public void WritePid(int number) => File.WriteAllText(_root["pid"], $"{number}");

    /// <summary>The path of sleep(1) under another name.</summary>
    public string Sleeper(string name)
    {
        var path = Path.Combine(Directory.CreateDirectory(_root["processes"]).FullName, name);
        File.Copy("/bin/sleep", path, overwrite: true);
        return path;
    }

    public bool Has(string program) => program == "ssh";

    public Task<ProgramResult> RunAsync(ProgramCall call, CancellationToken cancellationToken)
    {
        Assert.Equal("ssh", call.Program);
        Lines.Add(string.Join(' ', call.Arguments.SkipLast(1)));
        if (SshExit is { } code)
            return Task.FromResult(new ProgramResult(code, Errors: "ssh: no route"));
        // What the login shell there would run, with the paths of the test.
        var command = call.Arguments[^1]
            .Replace("/etc/mandos", _root["etc"], StringComparison.Ordinal)
            .Replace("/run/mandos.pid", _root["pid"], StringComparison.Ordinal)
            .Replace("/run/systemd/system", _root["none"], StringComparison.Ordinal)
            .Replace("PATH=/usr/local/sbin:", $"PATH={_root["bin"]}:", StringComparison.Ordinal);
        var input = Arriving is { } bytes ? call.Input[..bytes] : call.Input;
        if (IsUnheard)
            command = $"( {command} ) 2>&1 | :";
        return _programs.RunAsync(
            new("sh", "-c", $"PATH={_root["bin"]}:$PATH; {command}") { Input = input }, cancellationToken);
    }

    public void Program(string name, string script)
    {
        File.WriteAllText(_root[$"bin/{name}"], $"#!/bin/sh\n{script}\n");
        File.SetUnixFileMode(_root[$"bin/{name}"], (UnixFileMode)0b111_101_101);
    }

    public void Dispose() => _root.Dispose();
}
