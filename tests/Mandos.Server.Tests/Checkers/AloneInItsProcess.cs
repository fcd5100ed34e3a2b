namespace Mandos.Server.Tests.Checkers;

/// <summary>Tests that look at the whole process they run in.</summary>
[CollectionDefinition(nameof(AloneInItsProcess), DisableParallelization = true)]
public sealed class AloneInItsProcess;
