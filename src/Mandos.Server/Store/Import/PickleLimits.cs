namespace Mandos.Server.Store.Import;

/// <summary>How much of a pickle is believed: room for tens of thousands of clients, and no more than a few hundred megabytes.</summary>
internal sealed record PickleLimits
{
    /// <summary>In bytes; also of all that is made of texts.</summary>
    internal int Length { get; init; } = 64 << 20;

    internal int Operations { get; init; } = 5_000_000;

    /// <summary>Dictionaries and lists.</summary>
    internal int Containers { get; init; } = 250_000;

    /// <summary>Values that wait to be put into something.</summary>
    internal int Stack { get; init; } = 10_000;

    /// <summary>Marks that wait to be taken.</summary>
    internal int Depth { get; init; } = 64;

    /// <summary>Of one text, in bytes.</summary>
    internal int Text { get; init; } = 8 << 20;
}
