using System.ComponentModel;
using System.Net.Sockets;
using Mandos.Client.Hosting;

namespace Mandos.Client.Tests.Hosting;

public sealed class LastWordsTests
{
    public static TheoryData<Exception, string> Refusals => new()
    {
        { new SocketException((int)SocketError.TooManyOpenSockets), "Too many open files" },
        { new Win32Exception(24), "Too many open files" },
        { new IOException("IO_Text", 12), "Cannot allocate memory" },
        { new InsufficientMemoryException("Arg_OutOfMemoryException"), "Cannot allocate memory" },
        { new TypeInitializationException("x", new Win32Exception(23)), "Too many open files in system" },
        { new InvalidOperationException("x", new TypeInitializationException("x", null)), "no descriptor, memory or thread" },
    };

    [Theory, MemberData(nameof(Refusals))]
    public void A_system_error_is_reported_with_its_reason(Exception fault, string expected) =>
        Assert.Contains(expected, LastWords.SystemError(fault), StringComparison.Ordinal);

    [Fact]
    public void An_internal_error_is_not_a_system_error() =>
        Assert.All(
            new Exception?[] { null, new InvalidOperationException("x"), new IOException("a message of ours") },
            fault => Assert.Null(LastWords.SystemError(fault)));
}
