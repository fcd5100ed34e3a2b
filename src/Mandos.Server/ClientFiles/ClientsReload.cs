using Mandos.Core.Linux.Privileges;
using Mandos.Server.Configuration;
using Mandos.Server.Logging;
using Microsoft.Extensions.Logging;

namespace Mandos.Server.ClientFiles;

/// <summary>
/// Reads what changed in clients.conf and clients.d while the server runs, with the rights of the thread that it is called on;
/// a client whose secret file cannot be read stays as it was.
/// </summary>
/// <param name="file">clients.conf.</param>
/// <param name="hadMain">Whether it was there at the start, see <see cref="ClientsReading.HasMain"/>.</param>
/// <param name="home">Whose home directory <c>~</c> is where HOME is not set; null for our own.</param>
/// <param name="logger">For everything that is wrong.</param>
/// <param name="time">To see whether a file changed just now.</param>
/// <param name="known">What the start read and followed, which is taken over.</param>
internal sealed class ClientsReload(
    string file, bool hadMain, UserAccount? home, ILogger logger, TimeProvider time, KnownFiles? known = null)
    : IDisposable
{
    /// <summary>What was read and followed last; null: all is to be read.</summary>
    private KnownFiles? _known = known;

    /// <summary>While it is being replaced it may be away for a moment; clients that are lost then would be new ones after.</summary>
    private bool _needsMain = hadMain;

    /// <summary>The clients that the start kept, since without that file it is not known what is to become of them.</summary>
    private IReadOnlySet<string> _awaited = new HashSet<string>();

    /// <summary>Until these clients are in another file, that file is needed, too.</summary>
    internal IReadOnlySet<string> Awaited { init => _awaited = value; }

    /// <summary>The clients are what a reading says: what does not change now need not be read again.</summary>
    internal void Remember(ClientsReading followed)
    {
        Dispose();
        _known = followed.TakeFiles();
        _awaited = new HashSet<string>();
    }

    /// <summary>Releases what it remembers: the next time all is read.</summary>
    public void Dispose()
    {
        _known?.Dispose();
        _known = null;
    }

    /// <summary>
    /// What the clients are to be, except for those that are left out; the caller disposes it. Null if nothing may change,
    /// since it is not known what all files say; then the log says why.
    /// </summary>
    internal ClientsReading? Read()
    {
        var problems = new List<ConfigurationProblem>();
        var reading = ClientsFile.Read(file, home, problems, time, _known);
        logger.Report(problems);
        var isMissing = !reading.HasMain && (_needsMain || reading.Without(_awaited).Count > 0);
        if (reading.Source == ClientsSource.Whole && !isMissing)
        {
            _needsMain = reading.HasMain;
            return reading;
        }

        reading.Dispose();
        logger.NotReloaded(file, reading.Source switch
        {
            ClientsSource.Unreadable => "a file cannot be read",
            ClientsSource.Malformed => "a file cannot be parsed",
            _ when Path.Exists(file) => "it is empty; hint: restore it, or put a comment into it to remove its clients",
            _ => "it does not exist",
        });
        return null;
    }
}
