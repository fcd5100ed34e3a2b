using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using CsCheck;
using Mandos.Client.CommandLine;

namespace Mandos.Client.Tests.CommandLine;

public sealed partial class ServerAddressTests
{
    private const int AF_INET = 2, AF_INET6 = 10;

    [Theory]
    [InlineData("10.0.0.1:4711", "10.0.0.1", 4711, null)]
    [InlineData("::1:4711", "::1", 4711, null)]
    [InlineData("[::1]:4711", "::1", 4711, null)]
    [InlineData("fe80::1:4711", "fe80::1", 4711, null)]
    [InlineData("[fe80::1%eth0]:4711", "fe80::1", 4711, "eth0")]
    [InlineData("fe80::1%3:0", "fe80::1", 0, "3")]
    [InlineData("1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7:8", 9, null)]
    [InlineData("::10.0.0.1:5", "::10.0.0.1", 5, null)]
    [InlineData("[FD77:0:0:0:0:0:0:1]:00080", "fd77::1", 80, null)]
    [InlineData("2001:db8::7:00080", "2001:db8::7", 80, null)]
    public void The_port_follows_the_last_colon(string text, string address, int port, string? scope)
    {
        Assert.True(ServerAddress.TryParse(text, out var server, out _));
        Assert.Equal(IPAddress.Parse(address), server.Address);
        Assert.Equal(port, server.Port);
        Assert.Equal(scope, server.Scope);
    }

    [Theory]
    [InlineData("::ffff:10.0.0.1:4711")]
    [InlineData("[::ffff:10.0.0.1]:4711")]
    [InlineData("[::FFFF:10.0.0.1]:4711")]
    [InlineData("[::ffff:a00:1]:4711")]
    [InlineData("::ffff:0a00:0001:4711")]
    [InlineData("[0:0:0:0:0:ffff:10.0.0.1]:4711")]
    [InlineData("0:0:0:0:0:FFFF:a00:1:4711")]
    public void An_IPv4_mapped_address_is_the_IPv4_address(string text)
    {
        Assert.True(ServerAddress.TryParse(text, out var server, out _));
        Assert.Equal(new ServerAddress(IPAddress.Parse("10.0.0.1"), 4711, null), server);
        Assert.Equal("10.0.0.1:4711", server.ToString());
    }

    [Theory]
    [InlineData("10.0.0.1", "no port in '10.0.0.1': write 10.0.0.1:PORT")]
    [InlineData("fe80::1", "no port in 'fe80::1': write [fe80::1]:PORT")]
    [InlineData("[fe80::1%eth0]", "no port in '[fe80::1%eth0]': write [fe80::1%eth0]:PORT")]
    [InlineData("1:2:3:4:5:6:7:8", "no port in '1:2:3:4:5:6:7:8': write [1:2:3:4:5:6:7:8]:PORT")]
    [InlineData("server", "no port in 'server': write ADDRESS:PORT")]
    [InlineData("", "no port in '': write ADDRESS:PORT")]
    [InlineData("10.0.0.1:", "invalid port number '' in '10.0.0.1:': write a number from 0 to 65535")]
    [InlineData("10.0.0.1:65536", "invalid port number '65536' in '10.0.0.1:65536': write a number from 0 to 65535")]
    [InlineData("10.0.0.1:-1", "invalid port number '-1' in '10.0.0.1:-1': write a number from 0 to 65535")]
    [InlineData("10.0.0.1:ssh", "invalid port number 'ssh' in '10.0.0.1:ssh': write a number from 0 to 65535")]
    [InlineData("server:22", "'server' is not a numeric address: names are not resolved")]
    [InlineData("server.example.org:22", "'server.example.org' is not a numeric address: names are not resolved")]
    [InlineData(":22", "invalid address '' in ':22'")]
    [InlineData("10.1:22", "invalid address '10.1' in '10.1:22'")]
    [InlineData("0x7f.0.0.1:22", "'0x7f.0.0.1' is not a numeric address: names are not resolved")]
    [InlineData("010.0.0.1:22", "invalid address '010.0.0.1' in '010.0.0.1:22'")]
    [InlineData("10.0.0.256:22", "invalid address '10.0.0.256' in '10.0.0.256:22'")]
    [InlineData("[10.0.0.1]:22", "invalid address '[10.0.0.1]' in '[10.0.0.1]:22'")]
    [InlineData("::1::22", "invalid address '::1:' in '::1::22'")]
    [InlineData("fe80::1/64:22", "invalid address 'fe80::1/64' in 'fe80::1/64:22'")]
    [InlineData("[fe80::1%]:22", "invalid address '[fe80::1%]' in '[fe80::1%]:22'")]
    [InlineData("[2001:db8::1%eth0]:22", "invalid address '[2001:db8::1%eth0]' in '[2001:db8::1%eth0]:22'")]
    public void An_address_that_is_not_numeric_is_refused_with_the_reason(string text, string expected)
    {
        Assert.False(ServerAddress.TryParse(text, out _, out var error));
        Assert.Equal(expected, error);
    }

    [Fact]
    public void Every_address_that_is_printed_can_be_parsed_again() =>
        Gen.Select(Gen.OneOf(Gen.Byte.Array[4], Gen.Byte.Array[16]), Gen.Int[0, 65535]).Sample((bytes, port) =>
        {
            var written = new ServerAddress(new IPAddress(bytes), port, null).ToString();
            Assert.True(ServerAddress.TryParse(written, out var server, out var error), error);
            Assert.Equal(port, server.Port);
            var read = server.Address.AddressFamily == AddressFamily.InterNetwork && bytes.Length == 16
                ? server.Address.MapToIPv6()
                : server.Address;
            Assert.Equal(bytes, read.GetAddressBytes());
        });

    [Theory]
    [InlineData("::ffff:1.2.3.01")]
    [InlineData("::1.2.3.00")]
    [InlineData("::ffff:010.0.0.1")]
    public void An_IPv4_address_within_IPv6_has_no_leading_zeros(string host)
    {
        Assert.Equal(0, InetPton(AF_INET6, host, new byte[16]));
        Assert.False(ServerAddress.TryParse($"[{host}]:1", out _, out var error));
        Assert.Equal($"invalid address '[{host}]' in '[{host}]:1'", error);
    }

    /// <summary>The original reads addresses by inet_pton(3).</summary>
    [Fact]
    public void An_address_is_accepted_exactly_if_the_C_library_accepts_it()
    {
        string[] words =
            ["0", "1", "10", "255", "256", "01", "ffff", "FFFF", "a00", "fe80", "12345", "10.0.0.1", "1.2.3", "", "x", "-1", "+1", " "];
        string[] separators = [".", ":", "::"];
        var part = Gen.Int[0, words.Length - 1].Select(i => words[i]);
        Gen.Select(part.Array[1, 9], Gen.Int[0, 2].Select(i => separators[i])).Sample((parts, separator) =>
        {
            foreach (var host
                in (string[])[
                    string.Join(separator, parts), string.Join(':', parts), "::"
                        + string.Join(':', parts), "::ffff:"
                        + string.Join('.', parts)])
            {
                var family = host.Contains(':', StringComparison.Ordinal) ? AF_INET6 : AF_INET;
                var expected = InetPton(family, host, new byte[16]) == 1;
                Assert.Equal((host, expected), (host, ServerAddress.TryParse($"{host}:1", out _, out _)));
            }
        });
    }

    [Fact]
    public void No_text_makes_parsing_throw() => Gen.OneOf(Gen.String, Gen.String[Gen.Char["0123456789abf:.%[]/x- "], 0, 40]).Sample(text =>
        Assert.NotEqual(ServerAddress.TryParse(text, out var server, out var error), server is null || error is not null));

    [LibraryImport("libc", EntryPoint = "inet_pton", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int InetPton(int family, string text, byte[] address);
}
