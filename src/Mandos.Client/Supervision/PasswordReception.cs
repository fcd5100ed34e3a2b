using System.Buffers.Binary;
using Mandos.Client.ProcessBoundary;
using Mandos.Core.Linux;
using Mandos.Core.Linux.FileDescriptors;
using Mandos.Core.Secrets;

namespace Mandos.Client.Supervision;

/// <summary>Reads a password from a <see cref="PasswordPipe"/>, in pieces as they arrive.</summary>
internal sealed class PasswordReception : IDisposable
{
    private readonly byte[] _header = new byte[PasswordPipe.LengthBytes];
    private int _headerCount;
    private int _count;
    private SecretBuffer? _password;

    private bool IsWhole => _password is not null && _password.Length == _count;

    /// <summary>
    /// Reads once. True if no more will come: the password is complete, or the writer exited early or sent an invalid length.
    /// </summary>
    internal bool Take(int descriptor)
    {
        var into = _password is null ? _header.AsSpan(_headerCount) : _password.Free[..(_count - _password.Length)];
        var error = DescriptorIo.TryRead(descriptor, into, out var read);
        if (error.Code == Errno.TryAgain)
            return false;
        if (!error.Ok || read == 0)
            return true;
        if (_password is not null)
            _password.Advance(read);
        else if ((_headerCount += read) == _header.Length && !TryBegin())
            return true;
        return IsWhole;
    }

    /// <summary>Returns the password if it is complete, but only once. The caller owns it.</summary>
    internal SecretBuffer? TakePassword()
    {
        if (!IsWhole)
            return null;
        var password = _password;
        _password = null;
        return password;
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _password?.Dispose();
        _password = null;
    }

    private bool TryBegin()
    {
        _count = BinaryPrimitives.ReadInt32LittleEndian(_header);
        if (_count is < 0 or > PasswordLimits.Largest)
            return false;
        _password = new SecretBuffer(_count);
        return true;
    }
}
