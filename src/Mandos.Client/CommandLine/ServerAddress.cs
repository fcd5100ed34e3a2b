using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Mandos.Core.Text;

namespace Mandos.Client.CommandLine;

/// <summary>
/// A server as given to <c>--connect</c> and <c>--server</c>: <c>ADDRESS:PORT</c>, split at the last colon. If the address contains another
/// colon it is IPv6, with or without brackets; otherwise it is IPv4. Only numeric, because early boot has no name service. An IPv4-mapped
/// IPv6 address (<c>::ffff:10.0.0.1</c>) is treated as the IPv4 address: an IPv6 socket does not reach it, and routes and messages concern
/// what is on the wire.
/// </summary>
/// <param name="Address">The address, without a scope; never IPv4-mapped.</param>
/// <param name="Port">The TCP port.</param>
/// <param name="Scope">The name or number of the interface after <c>%</c>; null if there is none.</param>
internal sealed record ServerAddress(IPAddress Address, int Port, string? Scope)
{
    /// <summary>Whether the address is meaningful only together with an interface (fe80::/10).</summary>
    internal bool IsLinkLocal => Address.IsIPv6LinkLocal;

    /// <summary>Parses <c>ADDRESS:PORT</c>; the error says what is wrong with which value.</summary>
    internal static bool TryParse(string text, [NotNullWhen(true)] out ServerAddress? server, [NotNullWhen(false)] out string? error)
    {
        server = null;
        error = null;
        var colon = text.LastIndexOf(':');
        // The last colon of a bare IPv6 address, or of one in brackets, is not followed by a port.
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

    /// <summary>Suggests what the user may have meant.</summary>
    private static string Example(string text)
    {
        var (address, scope) = ParseHost(text);
        return address is null ? "ADDRESS:PORT" : new ServerAddress(address, 0, scope).ToString()[..^1] + "PORT";
    }

    private static bool LooksLikeName(string host) =>
        host.Any(char.IsAsciiLetter) && host.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_');

    private static (IPAddress? Address, string? Scope) ParseHost(string host) =>
        host.Contains(':', StringComparison.Ordinal) ? ParseIPv6(host) : (NumericAddress.ParseIPv4(host), null);

    /// <summary>The format that <see cref="TryParse"/> reads.</summary>
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
