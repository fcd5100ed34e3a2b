using System.Net.Sockets;
using Mandos.Core.Linux;

namespace Mandos.Core.Tests.Linux;

public sealed class SystemFailureTests
{
    [Theory]
    [InlineData("/nowhere/at/all", "No such file or directory")]
    [InlineData("/etc/nowhere", "No such file or directory")]
    [InlineData("/etc/passwd/x", "No such file or directory|Not a directory")]
    public void A_file_that_cannot_be_opened_is_reported_with_the_system_error(string path, string reasons)
    {
        var failure = Assert.ThrowsAny<IOException>(() => File.OpenHandle(path).Dispose());

        Assert.Contains(SystemFailure.Reason(failure), reasons.Split('|'));
    }

    [Fact]
    public void A_name_that_is_too_long_is_reported_with_the_system_error() =>
        Assert.Equal(
            "File name too long",
            SystemFailure.Reason(Assert.ThrowsAny<IOException>(() => File.OpenHandle("/" + new string('x', 300)).Dispose())));

    [Fact]
    public void A_permission_error_is_reported_with_the_system_error() =>
        Assert.Equal(
            "Permission denied",
            SystemFailure.Reason(
                new UnauthorizedAccessException(
                    "UnauthorizedAccess_IODenied_Path, /a", new IOException("Permission denied", Errno.AccessDenied))));

    [Fact]
    public void A_refusal_without_an_error_number_is_a_permission_error() =>
        Assert.Equal("Permission denied", SystemFailure.Reason(new UnauthorizedAccessException("UnauthorizedAccess_IODenied_Path, /a")));

    /// <summary>ENFILE has another text, and the framework gives the exception that number.</summary>
    [Theory]
    [InlineData(SocketError.TooManyOpenSockets, "Too many open files")]
    [InlineData(SocketError.AddressAlreadyInUse, "Address already in use")]
    [InlineData(SocketError.ConnectionReset, "Connection reset by peer")]
    [InlineData(SocketError.AccessDenied, "Permission denied")]
    [InlineData(SocketError.NetworkUnreachable, "Network is unreachable")]
    public void A_socket_error_has_the_message_of_the_system(SocketError error, string reason)
    {
        var failure = new SocketException((int)error);

        Assert.Equal(reason, SystemFailure.Reason(failure));
        Assert.Equal(reason, SystemFailure.Reason(new IOException("net_io_readfailure", failure)));
        Assert.Equal(reason, SystemFailure.Reason(new AggregateException(failure)));
    }

    [Fact]
    public void An_error_without_an_error_number_keeps_its_own_text() =>
        Assert.Equal("/etc: more than 3 files", SystemFailure.Reason(new IOException("/etc: more than 3 files")));
}
