namespace Mandos.Architecture.Tests;

/// <summary>A room that refers to another one, and the types that tie them, each as <c>Type → Type</c>, in order.</summary>
internal sealed record RoomReference(string From, string To, IReadOnlyList<string> Types)
{
    public override string ToString() => $"{From} → {To}: {string.Join(", ", Types)}";
}
