using Mandos.Peers.Machines;

namespace Mandos.Peers.Programs;

/// <summary>A terminal (tmux) with a program on it that draws, and a user at the keyboard.</summary>
/// <param name="machine">The machine.</param>
/// <param name="name">The name of the terminal.</param>
public sealed class Screen(Machine machine, string name = "screen")
{
    private const string Tmux = "tmux -L laboratory";

    /// <summary>Its size.</summary>
    public (int Columns, int Rows) Size { get; init; } = (100, 24);

    /// <summary>
    /// The key that has the program draw its screen again, pressed while the screen is waited for: Python may print warnings over what
    /// it shows. Null: there is none.
    /// </summary>
    public string? Redraw { get; init; }

    /// <summary>Starts a program on it.</summary>
    public Task StartAsync(string command, CancellationToken cancellationToken) =>
        machine.ShellAsync($"{Tmux} -f /dev/null new-session -d -x {Size.Columns} -y {Size.Rows} -s {name} '{command}'", cancellationToken);

    /// <summary>What it shows.</summary>
    public Task<string> ReadAsync(CancellationToken cancellationToken) =>
        machine.ShellAsync($"{Tmux} capture-pane -p -t {name}", cancellationToken);

    /// <summary>Presses a key, by the name that tmux has for it.</summary>
    public Task PressAsync(string key, CancellationToken cancellationToken) =>
        machine.ShellAsync($"{Tmux} send-keys -t {name} '{key}'", cancellationToken);

    /// <summary>Waits until it shows something, for a minute at most; the result is what it shows then.</summary>
    public async Task<string> WaitAsync(Func<string, bool> wanted, CancellationToken cancellationToken)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var shown = await ReadAsync(cancellationToken);
            if (wanted(shown))
                return shown;
            if (TimeProvider.System.GetElapsedTime(began) > TimeSpan.FromMinutes(1))
                throw new TimeoutException($"the screen does not show what it should:\n{shown}");
            await Task.Delay(100, cancellationToken);
            if (Redraw is not null)
                await PressAsync(Redraw, cancellationToken);
        }
    }

    /// <summary>Waits until the program has ended.</summary>
    public async Task WaitForEndAsync(CancellationToken cancellationToken) =>
        await machine.ShellAsync($"while {Tmux} has-session -t {name} 2>/dev/null; do sleep 0.1; done", cancellationToken);
}
