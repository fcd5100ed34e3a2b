using Mandos.Configuration;
using Mandos.Core.Linux.Privileges;
using Mandos.Server.Configuration;
using Mandos.Server.Logging;
using Microsoft.Extensions.Logging;

namespace Mandos.Server.ClientFiles;

/// <summary>
/// Reads changes of clients.conf and clients.d while the server runs, with the privileges of the calling thread. A client whose secret file
/// cannot be read keeps its secret.
/// </summary>
/// <param name="file">The path of clients.conf.</param>
/// <param name="hadMain">Whether it existed at the start, see <see cref="ClientsReading.HasMain"/>.</param>
/// <param name="home">The user whose home directory <c>~</c> means if HOME is not set; null for our own.</param>
/// <param name="logger">Logs all problems.</param>
/// <param name="time">The clock, to recognize a file that has just changed.</param>
/// <param name="known">What the start read and applied; taken over.</param>
internal sealed class ClientsReload(
    string file, bool hadMain, UserAccount? home, ILogger logger, TimeProvider time, KnownFiles? known = null)
    : IDisposable
{
    /// <summary>What was last read and applied; null if everything must be read.</summary>
    private KnownFiles? _known = known;

    /// <summary>
    /// Whether clients.conf is required. It may be missing for a moment while it is replaced; clients that were removed because of that
    /// would be new ones afterwards.
    /// </summary>
    private bool _needsMain = hadMain;

    /// <summary>
    /// Whether what was last applied had files in clients.d, which is then required. What is remembered of the files does not show that: a
    /// file with an error is not remembered, and nothing is after a reload that failed.
    /// </summary>
    private bool _needsFolder;

    /// <summary>The clients that the start kept: until their sections are found, the file that was missing is required.</summary>
    private AwaitedClients _awaited = AwaitedClients.None;

    /// <summary>The clients that the start kept because a file was missing.</summary>
    internal AwaitedClients Awaited { init => _awaited = value; }

    /// <summary>Whether clients.d had files at the start, see <see cref="ClientsReading.HasInFolder"/>.</summary>
    internal bool HadFolder { init => _needsFolder = value; }

    /// <summary>Remembers a reading that was applied, so that unchanged files need not be read again.</summary>
    internal void Remember(ClientsReading followed)
    {
        Dispose();
        _known = followed.TakeFiles();
        _needsFolder = followed.HasInFolder;
        _awaited = AwaitedClients.None;
    }

    /// <summary>Releases what is remembered; the next reload then reads everything.</summary>
    public void Dispose()
    {
        _known?.Dispose();
        _known = null;
    }

    /// <summary>
    /// Reads the clients, except for those with errors; the caller disposes the result. Null if nothing may change because a file is
    /// missing or unreadable, which is logged.
    /// </summary>
    internal ClientsReading? Read()
    {
        var problems = new List<ConfigurationProblem>();
        var reading = ClientsFile.Read(file, home, problems, time, _known, _needsFolder);
        logger.Report(problems);
        var lacksMain = (_needsMain && !reading.HasMain) || _awaited.LackMain(reading);
        var lacksFolder = _awaited.LackFolder(reading);
        if (reading.Source == ClientsSource.Whole && !lacksMain && !lacksFolder)
        {
            _needsMain = reading.HasMain;
            return reading;
        }

        reading.Dispose();
        var needsFolder = lacksFolder && !lacksMain;
        logger.NotReloaded(needsFolder ? ClientsFile.FolderOf(file) : file, reading.Source switch
        {
            ClientsSource.Unreadable => "a file cannot be read",
            ClientsSource.Malformed => "a file cannot be parsed",
            _ when needsFolder => "it does not exist; hint: restore it, or create an empty one to remove its clients",
            _ when Path.Exists(file) => "it is empty; hint: restore it, or put a comment into it to remove its clients",
            _ => "it does not exist",
        });
        return null;
    }
}
