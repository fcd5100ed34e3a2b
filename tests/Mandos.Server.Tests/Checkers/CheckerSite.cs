using Mandos.Core.Linux.Processes;
using Mandos.Server.Checkers;
using Mandos.Server.Clients;

namespace Mandos.Server.Tests.Checkers;

/// <summary>A runner of checkers, its log, and a directory for the files of its checkers.</summary>
internal sealed class CheckerSite : IAsyncDisposable
{
    internal static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("mandos-checkers-");
    private long _lastRun;

    internal CheckerSite() => Checkers = new CheckerRunner(TimeProvider.System, Log) { Grace = TimeSpan.FromMilliseconds(300) };

    internal LogLines Log { get; } = new();

    internal CheckerRunner Checkers { get; }

    internal string File(string name) => Path.Combine(_directory.FullName, name);

    internal CheckerRun NewRun(string command) => new(Interlocked.Increment(ref _lastRun), command);

    /// <summary>Starts a check and waits for its end.</summary>
    internal Task<ChildExit?> CheckAsync(string command, CheckerRunner? checkers = null, string client = "client")
    {
        var ended = new TaskCompletionSource<ChildExit?>(TaskCreationOptions.RunContinuationsAsynchronously);
        (checkers ?? Checkers).Start(client, NewRun(command), ended.SetResult);
        return ended.Task.WaitAsync(Patience, TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await Checkers.DisposeAsync();
        _directory.Delete(recursive: true);
    }
}
