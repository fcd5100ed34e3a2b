using System.Runtime.InteropServices;

namespace Mandos.Core.Linux;

/// <summary>An error number of a failed system call (errno(3)); 0 means success.</summary>
public readonly record struct Errno(int Code)
{
    /// <summary>ENODEV: the device does not exist (any more).</summary>
    public const int NoSuchDevice = 19;

    /// <summary>EEXIST: the name already exists.</summary>
    public const int AlreadyExists = 17;

    /// <summary>EPERM: not allowed.</summary>
    public const int NotPermitted = 1;

    /// <summary>ENOENT: the file does not exist.</summary>
    public const int NoSuchFile = 2;

    /// <summary>ESRCH: the process or group does not exist.</summary>
    public const int NoSuchProcess = 3;

    /// <summary>EIO: the device failed or has disappeared.</summary>
    public const int InputOutput = 5;

    /// <summary>EAGAIN: the operation would block; for clone(2), the limit on threads or processes is reached.</summary>
    public const int TryAgain = 11;

    /// <summary>ENOMEM: no memory left.</summary>
    public const int OutOfMemory = 12;

    /// <summary>ECANCELED: the operation was stopped before it was complete.</summary>
    public const int Stopped = LibC.ECANCELED;

    /// <summary>ENFILE: the system has no descriptor left.</summary>
    public const int TooManyOpenFilesInSystem = 23;

    /// <summary>EMFILE: this process has no descriptor left.</summary>
    public const int TooManyOpenFiles = 24;

    /// <summary>EBADF: the descriptor is not open, or not for this operation.</summary>
    public const int BadDescriptor = 9;

    /// <summary>EACCES: this user lacks permission.</summary>
    public const int AccessDenied = 13;

    /// <summary>ENOTDIR: an element of the path is not a directory.</summary>
    public const int NotADirectory = 20;

    /// <summary>ENOTTY: not a terminal.</summary>
    public const int NotATerminal = 25;

    /// <summary>ELOOP: too many symbolic links.</summary>
    public const int TooManyLinks = 40;

    /// <summary>ENAMETOOLONG: the path, or an element of it, is too long.</summary>
    public const int NameTooLong = 36;

    /// <summary>EMSGSIZE: the message is too long.</summary>
    public const int TooLong = 90;

    /// <summary>No error.</summary>
    public static Errno None => default;

    /// <summary>True if the call succeeded.</summary>
    public bool Ok => Code == 0;

    /// <summary>The error of the last LibraryImport call that sets it.</summary>
    public static Errno Last => new(Marshal.GetLastPInvokeError());

    /// <summary>Converts the usual return convention (-1 and errno) to a value.</summary>
    public static Errno From(int result) => result < 0 ? Last : None;

    /// <summary>The text of strerror(3), which needs no locale files.</summary>
    public override string ToString() => Marshal.GetPInvokeErrorMessage(Code);
}
