using System.Net;
using CsCheck;
using Mandos.Client.CommandLine;

namespace Mandos.Client.Tests.CommandLine;

public sealed class ServerAddressTests
{
    [Theory]
    [InlineData("10.0.0.1:4711", "10.0.0.1", 4711, null)]
    [InlineData("::1:4711", "::1", 4711, null)]
    [InlineData("[::1]:4711", "::1", 4711, null)]
    [InlineData("fe80::1:4711", "fe80::1", 4711, null)]
    [InlineData("[fe80::1%eth0]:4711", "fe80::1", 4711, "eth0")]
    [InlineData("fe80::1%3:0", "fe80::1", 0, "3")]
    [InlineData("[::ffff:10.0.0.1]:65535", "::ffff:10.0.0.1", 65535, null)]
    [InlineData("2001:db8::7:00080", "2001:db8::7", 80, null)]
    public void An_address_ends_at_the_last_colon(string text, string address, int port, string? scope)
    {
        Assert.True(ServerAddress.TryParse(text, out var server, out _));
        Assert.Equal(IPAddress.Parse(address), server.Address);
        Assert.Equal(port, server.Port);
        Assert.Equal(scope, server.Scope);
    }

    [Theory]
    [InlineData("10.0.0.1", "no colon in '10.0.0.1'")]
    [InlineData("", "no colon in ''")]
    [InlineData("10.0.0.1:", "bad port number ''")]
    [InlineData("10.0.0.1:65536", "bad port number '65536'")]
    [InlineData("10.0.0.1:-1", "bad port number '-1'")]
    [InlineData("10.0.0.1:ssh", "bad port number 'ssh'")]
    [InlineData("server:22", "bad address 'server'")]
    [InlineData(":22", "bad address ''")]
    [InlineData("10.1:22", "bad address '10.1'")]
    [InlineData("0x7f.0.0.1:22", "bad address '0x7f.0.0.1'")]
    [InlineData("010.0.0.1:22", "bad address '010.0.0.1'")]
    [InlineData("10.0.0.256:22", "bad address '10.0.0.256'")]
    [InlineData("[10.0.0.1]:22", "bad address '[10.0.0.1]'")]
    [InlineData("::1::22", "bad address '::1:'")]
    [InlineData("fe80::1/64:22", "bad address 'fe80::1/64'")]
    [InlineData("[fe80::1%]:22", "bad address '[fe80::1%]'")]
    [InlineData("[2001:db8::1%eth0]:22", "bad address '[2001:db8::1%eth0]'")]
    public void What_is_no_numeric_address_is_refused_with_the_reason(string text, string expected)
    {
        Assert.False(ServerAddress.TryParse(text, out _, out var error));
        Assert.Equal(expected, error);
    }

    [Fact]
    public void Every_address_is_read_as_it_is_written() =>
        Gen.Select(Gen.OneOf(Gen.Byte.Array[4], Gen.Byte.Array[16]), Gen.Int[0, 65535]).Sample((bytes, port) =>
        {
            var written = new ServerAddress(new IPAddress(bytes), port, null).ToString();
            Assert.True(ServerAddress.TryParse(written, out var server, out var error), error);
            Assert.Equal(bytes, server.Address.GetAddressBytes());
            Assert.Equal(port, server.Port);
        });

    [Fact]
    public void No_text_makes_it_throw() => Gen.OneOf(Gen.String, Gen.String[Gen.Char["0123456789abf:.%[]/x- "], 0, 40]).Sample(text =>
        Assert.NotEqual(ServerAddress.TryParse(text, out var server, out var error), server is null || error is not null));
}
