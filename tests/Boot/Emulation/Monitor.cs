using System.Net.Sockets;
using System.Text.Json;

namespace Mandos.Boot.Emulation;

/// <summary>QEMU's monitor (QMP: one JSON object a line).</summary>
internal sealed class Monitor : IDisposable
{
    private readonly StreamReader _answers;
    private readonly StreamWriter _commands;

    private Monitor(Stream stream)
    {
        _answers = new(stream);
        _commands = new(stream) { AutoFlush = true };
    }

    /// <summary>Takes up a connection: QEMU greets and wants to hear that it was understood.</summary>
    public static async Task<Monitor> OpenAsync(Socket socket, CancellationToken cancellationToken)
    {
        var monitor = new Monitor(new NetworkStream(socket, ownsSocket: true));
        await monitor._answers.ReadLineAsync(cancellationToken);
        await monitor.RunAsync("qmp_capabilities", "{}", cancellationToken);
        return monitor;
    }

    /// <summary>Runs a command with arguments in JSON and waits until it is done.</summary>
    public async Task RunAsync(string command, string arguments, CancellationToken cancellationToken)
    {
        await _commands.WriteLineAsync($$"""{"execute":"{{command}}","arguments":{{arguments}}}""".AsMemory(), cancellationToken);
        while (await _answers.ReadLineAsync(cancellationToken) is { } line)
        {
            using var answer = JsonDocument.Parse(line);
            if (answer.RootElement.TryGetProperty("return", out _))
                return;
            if (answer.RootElement.TryGetProperty("error", out var error))
                throw new InvalidOperationException($"{command}: {error}");
            // Anything else is an event.
        }

        throw new InvalidOperationException($"{command}: the machine went off");
    }

    public void Dispose()
    {
        _answers.Dispose();
        _commands.Dispose();
    }
}
