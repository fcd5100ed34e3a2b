using System.Buffers.Binary;
using Mandos.Client.ProcessBoundary;
using Mandos.Core.Linux;
using Mandos.Core.Linux.FileDescriptors;
using Mandos.Core.Secrets;

namespace Mandos.Client.Supervision;

/// <summary>Takes a password out of a <see cref="PasswordPipe"/>, each time as much of it as has arrived.</summary>
internal sealed class PasswordReception : IDisposable
{
    private readonly byte[] _header = new byte[PasswordPipe.LengthBytes];
    private int _headerCount;
    private int _count;
    private SecretBuffer? _password;

    private bool IsWhole => _password is not null && _password.Length == _count;

    /// <summary>Reads once. True when no more will come: the password is whole, or the writer ended before that or lied.</summary>
    internal bool Take(int descriptor)
    {
        var into = _password is null ? _header.AsSpan(_headerCount) : _password.Free[..(_count - _password.Length)];
        var error = DescriptorIo.Read(descriptor, into, out var read);
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

    /// <summary>The password, once, if it is whole. The caller owns it.</summary>
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
