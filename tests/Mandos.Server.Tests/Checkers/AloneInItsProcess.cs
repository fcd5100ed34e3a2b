// Many of these tests wait for another process or for a timer.
[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.Collections, MaxThreads = 4)]

namespace Mandos.Server.Tests.Checkers;

/// <summary>Tests that look at the whole process they run in.</summary>
[CollectionDefinition(nameof(AloneInItsProcess), DisableParallelization = true)]
public sealed class AloneInItsProcess;
