namespace Mandos.Client.Hosting;

/// <summary>
/// How the programs of early boot end (sysexits(3)). A caller takes 0 for "there is a password on stdout" and nothing
/// else for it, so no path without a password ends with 0.
/// </summary>
internal static class ExitCode
{
    /// <summary>The password is on stdout.</summary>
    internal const int Success = 0;

    /// <summary>No network interface found; password-agent: no question, or no password for it.</summary>
    internal const int Failure = 1;

    /// <summary>EX_USAGE: the command line is wrong; also after help and version, as in the original.</summary>
    internal const int Usage = 64;

    /// <summary>EX_UNAVAILABLE: a key cannot be used, or this program is not part of this version.</summary>
    internal const int Unavailable = 69;

    /// <summary>EX_SOFTWARE: a fault of ours.</summary>
    internal const int Software = 70;

    /// <summary>EX_OSERR: the system refused something that must work (a process, a pipe, a signal handler).</summary>
    internal const int OsError = 71;

    /// <summary>EX_OSFILE: a directory that must be there is not.</summary>
    internal const int OsFile = 72;

    /// <summary>EX_IOERR: the password could not be written, or none could be read.</summary>
    internal const int IoError = 74;

    /// <summary>EX_TEMPFAIL: the password could not be written out whole, or something kills the network process again and again.</summary>
    internal const int TemporaryFailure = 75;

    /// <summary>EX_CONFIG: the configuration file is wrong.</summary>
    internal const int Config = 78;
}
