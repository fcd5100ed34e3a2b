using System.Globalization;
using System.Threading.Channels;
using Mandos.Core.Audit;
using Mandos.Core.Linux;
using Mandos.Core.Text;
using Microsoft.Extensions.Logging;

namespace Mandos.Server.Audit;

/// <summary>
/// Takes records from any thread and writes them on a thread of its own, several at once if the disk is slow: no delivery waits for it.
/// What does not fit into the queue is counted, and the number is recorded.
/// </summary>
/// <param name="time">The clock.</param>
internal sealed class AuditTrail(TimeProvider time) : IDisposable
{
    /// <summary>About 10 MB of typical records.</summary>
    private const int Capacity = 16 * 1024;

    private const int MostAtOnce = 1024;

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(5);

    private readonly Channel<AuditRecord> _queue = Channel.CreateBounded<AuditRecord>(
        new BoundedChannelOptions(Capacity) { SingleReader = true });

    private readonly ManualResetEventSlim _ending = new();
    private Thread? _thread;
    private long _lost;

    /// <summary>The latest records that are on disk.</summary>
    internal RecentRecords Recent { get; } = new();

    /// <summary>The host name in the records.</summary>
    internal static string Server { get; } = Environment.MachineName;

    /// <summary>Adds a record; never blocks.</summary>
    internal void Add(string name, string text, IReadOnlyList<KeyValuePair<string, string>> fields)
    {
        var record = new AuditRecord { Number = 0, Time = time.GetUtcNow(), Server = Server, Event = name, Text = text, Fields = fields };
        if (!_queue.Writer.TryWrite(record))
            Interlocked.Increment(ref _lost);
    }

    /// <summary>Begins to write; records that were added before are written, too.</summary>
    /// <param name="directory">The state directory.</param>
    /// <param name="mostBytes">The size from which a new file begins.</param>
    /// <param name="logger">Logs problems of the trail itself.</param>
    /// <param name="copy">See <see cref="AuditFile"/>.</param>
    internal void Start(string directory, long mostBytes, ILogger logger, Action<string>? copy = null)
    {
        _thread = new Thread(() => Run(new AuditFile(directory, mostBytes, Server, time, copy), directory, logger))
        {
            IsBackground = true,
            Name = "audit trail",
        };
        _thread.Start();
    }

    /// <summary>Takes no more records, and waits a while until the last one is written.</summary>
    internal void End()
    {
        _ = _queue.Writer.TryComplete();
        _ending.Set();
        _ = _thread?.Join(Farewell);
    }

    /// <inheritdoc />
    public void Dispose()
    {
        End();
        if (_thread is null || !_thread.IsAlive)
            _ending.Dispose();
    }

    private void Run(AuditFile file, string directory, ILogger logger)
    {
        var batch = new List<AuditRecord>();
        var isOpen = false;
        var hasFailed = false;
        while (batch.Count > 0 || _queue.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
        {
            while (batch.Count < MostAtOnce && _queue.Reader.TryRead(out var record))
                batch.Add(record);
            try
            {
                if (!isOpen)
                {
                    if (file.Open() is { } problem)
                        logger.TrailDamaged(directory, problem);
                    isOpen = true;
                    Recent.Add(file.ReadLatest(RecentRecords.Most));
                }

                RecordLost(file, batch, logger);
                Recent.Add(file.Append(batch));
                batch.Clear();
                if (hasFailed)
                    logger.TrailWrittenAgain();
                hasFailed = false;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                if (!hasFailed)
                    logger.TrailNotWritten(directory, SystemFailure.Reason(e));
                hasFailed = true;
                if (!isOpen)
                    file.Dispose();
                if (_ending.Wait(Pause))
                    break;
            }
        }

        file.Dispose();
    }

    private void RecordLost(AuditFile file, List<AuditRecord> batch, ILogger logger)
    {
        if (Interlocked.Exchange(ref _lost, 0) is not (> 0 and var lost))
            return;
        logger.TrailIncomplete(lost);
        batch.Add(
            file.Record(
                "TrailIncomplete", $"{Quantity.Of(lost, "record is missing", "records are missing")} here: the disk was too slow",
                ("count", lost.ToString(CultureInfo.InvariantCulture))));
    }
}
