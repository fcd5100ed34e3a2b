using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Mandos.Core.Text;

namespace Mandos.Client.CommandLine;

/// <summary>
/// A server as <c>--connect</c> and <c>--server</c> name it: <c>ADDRESS:PORT</c>. Split at the last colon; if another one
/// is left the address is IPv6, in brackets or not, else IPv4. Numbers only: there is no name service in early boot. An
/// IPv4 address in the form of an IPv6 one (<c>::ffff:10.0.0.1</c>) is that IPv4 address: a socket of the other family does
/// not reach it, and routes and messages are for what goes over the wire.
/// </summary>
/// <param name="Address">The address, without a scope; never IPv4-mapped.</param>
/// <param name="Port">The TCP port.</param>
/// <param name="Scope">The name or number of the interface behind <c>%</c>; null if the text has none.</param>
internal sealed record ServerAddress(IPAddress Address, int Port, string? Scope)
{
    /// <summary>True if the address means something only together with an interface (fe80::/10).</summary>
    internal bool IsLinkLocal => Address.IsIPv6LinkLocal;

    /// <summary>Reads <c>ADDRESS:PORT</c>; the error says what is wrong with which value.</summary>
    internal static bool TryParse(string text, [NotNullWhen(true)] out ServerAddress? server, [NotNullWhen(false)] out string? error)
    {
        server = null;
        error = null;
        var colon = text.LastIndexOf(':');
        // Behind the last colon of a bare IPv6 address, or of one in brackets, stands no port.
        if (colon < 0
            || text[^1] == ']'
            || (text[0] != '[' && ParseHost(text).Address is not null && ParseHost(text[..colon]).Address is null))
        {
            error = $"no port in '{text}': write {Example(text)}";
            return false;
        }

        var (host, portText) = (text[..colon], text[(colon + 1)..]);
        var (address, scope) = ParseHost(host);
        if (!TryParsePort(portText, out var port))
            error = $"invalid port number '{portText}' in '{text}': write a number from 0 to 65535";
        else if (address is null)
            error = LooksLikeName(host)
                ? $"'{host}' is not a numeric address: names are not resolved"
                : $"invalid address '{host}' in '{text}'";
        else
            server = new ServerAddress(address, port, scope);
        return server is not null;
    }

    /// <summary>What the user may have meant, to be written instead.</summary>
    private static string Example(string text)
    {
        var (address, scope) = ParseHost(text);
        return address is null ? "ADDRESS:PORT" : new ServerAddress(address, 0, scope).ToString()[..^1] + "PORT";
    }

    private static bool LooksLikeName(string host) =>
        host.Any(char.IsAsciiLetter) && host.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_');

    private static (IPAddress? Address, string? Scope) ParseHost(string host) =>
        host.Contains(':', StringComparison.Ordinal) ? ParseIPv6(host) : (NumericAddress.ParseIPv4(host), null);

    /// <summary>The form that <see cref="TryParse"/> reads.</summary>
    public override string ToString()
    {
        var scope = Scope is null ? "" : $"%{Scope}";
        return Address.AddressFamily == AddressFamily.InterNetworkV6
            ? string.Create(CultureInfo.InvariantCulture, $"[{Address}{scope}]:{Port}")
            : string.Create(CultureInfo.InvariantCulture, $"{Address}:{Port}");
    }

    private static bool TryParsePort(string text, out int port) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out port) && port <= IPEndPoint.MaxPort;

    private static (IPAddress? Address, string? Scope) ParseIPv6(string text)
    {
        if (text.Length > 1 && text[0] == '[' && text[^1] == ']')
            text = text[1..^1];
        string? scope = null;
        var percent = text.IndexOf('%', StringComparison.Ordinal);
        if (percent >= 0)
        {
            scope = text[(percent + 1)..];
            text = text[..percent];
        }

        if (NumericAddress.ParseIPv6(text) is not { } address)
            return (null, null);
        if (scope is not null && (scope.Length == 0 || !address.IsIPv6LinkLocal))
            return (null, null);
        return (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address, scope);
    }
}
