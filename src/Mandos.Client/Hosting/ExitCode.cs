namespace Mandos.Client.Hosting;

/// <summary>
/// The exit codes of the early boot programs (sysexits(3)). A caller takes 0 for "there is a password on stdout", so every path without a
/// password must exit with another code.
/// </summary>
internal static class ExitCode
{
    /// <summary>The password is on stdout.</summary>
    internal const int Success = 0;

    /// <summary>No network interface was found; for password-agent: no question, or no password for it.</summary>
    internal const int Failure = 1;

    /// <summary>EX_USAGE: invalid command line; also after help and version, as in upstream.</summary>
    internal const int Usage = 64;

    /// <summary>EX_UNAVAILABLE: a key is unusable, or this program is not part of this version.</summary>
    internal const int Unavailable = 69;

    /// <summary>EX_SOFTWARE: an internal error.</summary>
    internal const int Software = 70;

    /// <summary>EX_OSERR: the system refused something that must work (a process, a pipe, a signal handler).</summary>
    internal const int OsError = 71;

    /// <summary>EX_OSFILE: a required directory does not exist.</summary>
    internal const int OsFile = 72;

    /// <summary>EX_IOERR: the password could not be written or read.</summary>
    internal const int IoError = 74;

    /// <summary>EX_TEMPFAIL: the password could not be written completely, or something kills the network process repeatedly.</summary>
    internal const int TemporaryFailure = 75;

    /// <summary>EX_CONFIG: the configuration file is invalid.</summary>
    internal const int Config = 78;
}
