namespace Mandos.Bench;

/// <summary>One line of the budgets: both clients run it in turn.</summary>
/// <param name="Name">As in the table.</param>
/// <param name="Keys"><c>curve</c> or <c>rsa</c>.</param>
/// <param name="Budget">Our median may be at most this part of the original's.</param>
/// <param name="Pairs">How often.</param>
internal sealed record Scenario(string Name, string Keys, double Budget, int Pairs)
{
    /// <summary>The client's arguments besides the keys.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>Seconds of quiet before each run, for responders hold repeated answers back.</summary>
    public double Quiet { get; init; }

    /// <summary>Whether the interface is down at the start.</summary>
    public bool InterfaceDown { get; init; }

    /// <summary>Runs of one client directly after each other instead of in turn; the first of each row is not counted.</summary>
    public int InARow { get; init; } = 1;

    /// <summary>Runs it; the order within a pair changes, so that neither always follows the other.</summary>
    public async Task<Series> RunAsync(Bench bench, Action<string> tell, CancellationToken cancellationToken)
    {
        var samples = Implementations.ToDictionary(i => i, _ => new List<Sample>());
        await bench.SetInterfaceAsync(!InterfaceDown);
        for (var pair = 0; pair < Pairs; pair++)
        {
            foreach (var implementation in pair % 2 == 0 ? Implementations : Implementations.Reverse())
            {
                await Task.Delay(TimeSpan.FromSeconds(Quiet), cancellationToken);
                for (var i = 0; i < InARow; i++)
                {
                    var sample = await bench.RunAsync(implementation, "time", Keys, Arguments);
                    if (InARow == 1 || i > 0)
                        samples[implementation].Add(sample);
                }
            }

            tell($"{Name}: {pair + 1} of {Pairs}");
        }

        return new(this, samples[Implementation.Original], samples[Implementation.Ours]);
    }

    private static IReadOnlyList<Implementation> Implementations { get; } = [Implementation.Original, Implementation.Ours];
}
