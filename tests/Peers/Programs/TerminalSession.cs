using System.Text;
using System.Text.Json;
using Mandos.Peers.Machines;

namespace Mandos.Peers.Programs;

/// <summary>A program on a terminal, and a user at the keyboard; see keyboard.py.</summary>
public sealed class TerminalSession(params IReadOnlyList<string> command)
{
    private readonly List<object[]> _steps = [];
    private readonly Dictionary<string, string> _environment = [];

    /// <summary>Adds a variable.</summary>
    public TerminalSession With(string variable, string value)
    {
        _environment[variable] = value;
        return this;
    }

    /// <summary>Waits until standard error shows the text, again if it was waited for before.</summary>
    public TerminalSession AwaitPrompt(string text) => Step("prompt", text);

    /// <summary>Presses keys.</summary>
    public TerminalSession Type(string keys) => Step("type", Convert.ToHexString(Encoding.UTF8.GetBytes(keys)));

    /// <summary>Sends a signal, by its number.</summary>
    public TerminalSession Signal(int number) => Step("signal", number);

    /// <summary>Takes the terminal away.</summary>
    public TerminalSession HangUp() => Step("hangup");

    /// <summary>Runs to the end of the program, for at most 20 s after the last step.</summary>
    public async Task<TerminalResult> RunAsync(Machine machine, CancellationToken cancellationToken)
    {
        var task = JsonSerializer.Serialize(new { command, environment = _environment, steps = _steps });
        var done = await machine.RunAsync(
            new(), TimeSpan.FromSeconds(90), cancellationToken, "/usr/bin/python3", machine.PutScript("keyboard.py"), task);
        return JsonSerializer.Deserialize<TerminalResult>(done.OrThrow().Text)!;
    }

    private TerminalSession Step(params object[] step)
    {
        _steps.Add(step);
        return this;
    }
}
