using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Mandos.Boot.Demo;

/// <summary>A part of a session: one of prose, of a command with its output, or of a picture.</summary>
internal abstract record Part
{
    /// <summary>A step of the session begins.</summary>
    public sealed record Heading(string Text) : Part;

    /// <summary>A paragraph.</summary>
    public sealed record Prose(string Text) : Part;

    /// <summary>What a terminal shows.</summary>
    /// <param name="Command">The command behind the prompt of its machine; empty on the console of a machine that boots.</param>
    /// <param name="Lines">The output.</param>
    public sealed record Terminal(string Command, IReadOnlyList<string> Lines) : Part;

    /// <summary>A picture of a terminal.</summary>
    /// <param name="File">Its name.</param>
    /// <param name="Alternative">What it shows, in words.</param>
    public sealed record Picture(string File, string Alternative) : Part;
}

/// <summary>A session: shown while it happens, and kept for the tour.</summary>
internal sealed class Recording
{
    /// <summary>In seconds, between two lines that only say that something still runs, without a terminal.</summary>
    private const int PauseBetweenLines = 10;

    private readonly List<Part> _parts = [];
    private int _step;

    /// <summary>All of it up to now.</summary>
    public IReadOnlyList<Part> Parts => _parts;

    private static bool Live => !Console.IsOutputRedirected;

    /// <summary>Begins a step.</summary>
    public void Heading(string text)
    {
        text = string.Create(CultureInfo.InvariantCulture, $"{++_step}. {text}");
        _parts.Add(new Part.Heading(text));
        Print($"\n{Style(1, text)}");
    }

    /// <summary>Explains.</summary>
    public void Say(string text)
    {
        _parts.Add(new Part.Prose(text));
        foreach (var line in Wrap(text, 110))
            Print($"  {line}");
    }

    /// <summary>Reports what was tested; only for those who watch.</summary>
    public void Good(string text) => Print($"  {Style(32, $"✓ {text}")}");

    /// <summary>Runs a command on a machine and shows what it prints.</summary>
    /// <param name="machine">The machine.</param>
    /// <param name="command">In the shell.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <param name="expected">The exit status; another one ends the demonstration.</param>
    /// <param name="leaveOut">Lines that are not shown.</param>
    public async Task RunAsync(
        Machine machine, string command, CancellationToken cancellationToken, int expected = 0, Regex? leaveOut = null)
    {
        Begin(machine, command);
        var prefix = $"{machine.Name}/sh> ".Length;
        var options = new ProcessOptions
        {
            LogOutput = true,
            Log = line => Show(Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(line[prefix..]))),
        };
        var done = await WatchAsync(
            command.Split(' ')[0],
            machine.RunAsync(
                options, TimeSpan.FromMinutes(5), cancellationToken, "/bin/sh", "-c",
                $"cd /root; export DEBIAN_FRONTEND=noninteractive; exec 2>&1; {command}"),
            cancellationToken);
        if (done.ExitCode != expected)
            throw new InvalidOperationException($"'{command}' on {machine.Name}: exit status {done.ExitCode}, and not {expected}");
        Keep(new Part.Terminal(Prompt(machine, command), [.. Lines(done.Text).Where(IsShown)]));

        void Show(string line)
        {
            if (IsShown(line))
                Output(line);
        }

        bool IsShown(string line) => leaveOut?.IsMatch(line) != true;
    }

    /// <summary>Shows a command that is about to run.</summary>
    public void Begin(Machine machine, string command) => Print($"\n  {Style(36, Prompt(machine, command))}");

    /// <summary>Shows and keeps the output of a command that was shown.</summary>
    public void End(Machine machine, string command, IReadOnlyList<string> lines)
    {
        foreach (var line in lines)
            Output(line);
        Keep(new Part.Terminal(Prompt(machine, command), lines));
    }

    /// <summary>Keeps a part without showing it.</summary>
    public void Keep(Part part) => _parts.Add(part);

    /// <summary>Tells something that is only for those who watch.</summary>
    public void Note(string text) => Print($"  {Style(2, text)}");

    /// <summary>Shows a line of output.</summary>
    public void Output(string line) => Print($"  {line}");

    /// <summary>Waits, and shows that something still runs. <paramref name="tick"/> is called again and again.</summary>
    public async Task<T> WatchAsync<T>(string what, Task<T> work, CancellationToken cancellationToken, Action? tick = null)
    {
        var began = TimeProvider.System.GetTimestamp();
        for (var second = 1; ; second++)
        {
            // What fails is reported by the last line.
            if (await Task.WhenAny(work, Task.Delay(TimeSpan.FromSeconds(1), cancellationToken)) == work
                || cancellationToken.IsCancellationRequested)
                break;
            tick?.Invoke();
            if (!Live && second % PauseBetweenLines != 0)
                continue;
            var text = string.Create(
                CultureInfo.InvariantCulture, $"  ... {what}, {TimeProvider.System.GetElapsedTime(began).TotalSeconds:F0} s");
            Console.Write(Live ? $"\r\e[K{text}" : $"{text}\n");
        }

        var result = await work;
        Console.Write(Live ? "\r\e[K" : "");
        return result;
    }

    /// <summary>The lines of a text, without the last line end.</summary>
    public static IReadOnlyList<string> Lines(string text) =>
        [.. text.TrimEnd('\n').Split('\n').Select(line => line.TrimEnd('\r', ' '))];

    private static string Prompt(Machine machine, string command) => $"{machine.Name}# {command}";

    private static void Print(string text) => Console.WriteLine((Live ? "\r\e[K" : "") + text);

    private static string Style(int code, string text) =>
        Live ? string.Create(CultureInfo.InvariantCulture, $"\e[{code}m{text}\e[0m") : text;

    /// <summary>Breaks a paragraph into lines.</summary>
    public static IEnumerable<string> Wrap(string text, int columns)
    {
        var line = "";
        foreach (var word in text.Split(' '))
        {
            if (line.Length > 0 && line.Length + 1 + word.Length > columns)
            {
                yield return line;
                line = "";
            }

            line += line.Length == 0 ? word : $" {word}";
        }

        yield return line;
    }
}
