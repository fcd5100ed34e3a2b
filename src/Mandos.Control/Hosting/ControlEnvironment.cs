namespace Mandos.Control.Hosting;

/// <summary>The program's environment, which tests replace.</summary>
internal sealed record ControlEnvironment
{
    public required TextWriter Output { get; init; }

    public required TextWriter Error { get; init; }

    public TextReader Input { get; init; } = Console.In;

    /// <summary>The size of the terminal that <see cref="Output"/> is; null if it is not a terminal.</summary>
    public (int Columns, int Rows)? Screen { get; init; }

    /// <summary>Whether standard input and <see cref="Error"/> are a terminal, so that a person can be asked.</summary>
    public bool CanAsk { get; init; }

    /// <summary>Environment variables.</summary>
    public Func<string, string?> Variable { get; init; } = Environment.GetEnvironmentVariable;

    /// <summary>The time limit of each call; usually as long as D-Bus programs wait for an answer.</summary>
    public TimeSpan Limit { get; init; } = TimeSpan.FromSeconds(25);

    public TimeProvider Time { get; init; } = TimeProvider.System;
}
