using System.Net;
using System.Net.Sockets;
using System.Text;
using Mandos.CommandLine;
using Mandos.Configuration;
using Mandos.Core.Exchange;
using Mandos.Core.Text;
using Mandos.Server.Clients;
using Mandos.Server.Logging;
using Microsoft.Extensions.Logging;

namespace Mandos.Server.Configuration;

/// <summary>
/// Creates <see cref="ServerSettings"/> from mandos.conf and the command line, which takes precedence. An error in the file is a problem
/// with its line; an error on the command line is a usage error.
/// </summary>
internal sealed class ServerSettingsReader
{
    /// <summary>Every option of mandos.conf.</summary>
    internal static readonly string[] Known =
    [
        "interface", "address", "port", "debug", "priority", "servicename", "use_dbus", "use_ipv6", "debuglevel", "restore",
        "statedir", "socket", "foreground", "zeroconf",
        // These are not upstream's.
        "greeting_timeout", "handshake_timeout", "delivery_timeout", "close_timeout", "handshake_bytes", "max_connections",
        "max_connections_per_address", "max_waiting_per_client", "max_rsa_bits", "audit", "audit_size", "audit_copy", "disable_warning",
        "mass_failure",
    ];

    private const int LeastAuditSize = 64 << 10, MostAuditSize = 1 << 30;

    private const int MostConnections = 1_000_000;

    /// <summary>The range of max_rsa_bits; verification with larger keys would take tens of milliseconds.</summary>
    private const int LeastRsaBits = 2048, MostRsaBits = 8192;

    /// <summary>Large enough for an RSA key of 16384 bits, its signature and the largest answer to our key shares.</summary>
    private const int LeastHandshakeBytes = 8192;

    private static readonly TimeSpan LongestTime = TimeSpan.FromDays(1);

    private readonly CommandLineSettings _commandLine;
    private readonly ConfigurationDocument? _document;
    private readonly ConfigurationValues? _values;
    private readonly List<ConfigurationProblem> _problems;
    private string? _usageError;

    private ServerSettingsReader(CommandLineSettings commandLine, ConfigurationDocument? document, List<ConfigurationProblem> problems)
    {
        _commandLine = commandLine;
        _document = document;
        _problems = problems;
        _values = document is null ? null : new ConfigurationValues(document, document.Defaults, problems);
    }

    /// <summary>Merges both; invalid values are reported and treated as missing.</summary>
    /// <param name="commandLine">The command line.</param>
    /// <param name="document">mandos.conf, or null if there is none.</param>
    /// <param name="problems">Problems in mandos.conf are added here.</param>
    /// <param name="usageError">The error on the command line, or null.</param>
    internal static ServerSettings Read(
        CommandLineSettings commandLine, ConfigurationDocument? document, List<ConfigurationProblem> problems, out string? usageError)
    {
        var reader = new ServerSettingsReader(commandLine, document, problems);
        using var values = reader._values;
        var settings = reader.Merge();
        reader.ReportUnknown();
        usageError = reader._usageError;
        return settings;
    }

    private ServerSettings Merge()
    {
        var debug = _commandLine.Debug || (_values?.Boolean("debug") ?? false);
        var useIPv6 = Enabled(_commandLine.NoIPv6, "use_ipv6");
        var settings = new ServerSettings
        {
            Interface = Convert(
                _commandLine.Interface, "interface",
                static text =>
                    (text.Length is > 0 and < 16 ? text : null, text.Length < 16 ? null : $"'{text}' is not the name of an interface")),
            Address = Convert(_commandLine.Address, "address", text => ParseAddress(text, useIPv6)),
            Port = _commandLine.Port ?? _values?.Integer("port", 0, ushort.MaxValue) ?? 0,
            Priority = Convert(_commandLine.Priority, "priority", ParsePriority) ?? TlsPriority.ServerDefault,
            ServiceName = Convert(_commandLine.ServiceName, "servicename", ParseServiceName) ?? "Mandos",
            LogLevel = debug ? LogLevel.Debug : Convert(_commandLine.DebugLevel, "debuglevel", ParseLevel) ?? LogLevel.Warning,
            ConfigurationDirectory = _commandLine.ConfigurationDirectory,
            StateDirectory = Convert(
                _commandLine.StateDirectory, "statedir",
                static text =>
                    (
                        text.Length > 0 ? text : null,
                        text.Contains('\0') ? "it has a NUL character" : null)) ?? ServerSettings.DefaultStateDirectory,
            Socket = _commandLine.Socket ?? _values?.Integer("socket", 0, int.MaxValue),
            Activated = _commandLine.Activated,
            Connections = ReadLimits(),
            Debug = debug,
            Foreground = debug || _commandLine.Foreground || (_values?.Boolean("foreground") ?? false),
            UseIPv6 = useIPv6,
            Zeroconf = Enabled(_commandLine.NoZeroconf, "zeroconf"),
            UseDBus = Enabled(_commandLine.NoDBus, "use_dbus"),
            Restore = Enabled(_commandLine.NoRestore, "restore"),
            Audit = _values?.Boolean("audit") ?? true,
            AuditCopy = _values?.Boolean("audit_copy") ?? false,
            AuditSize = _values?.Integer("audit_size", LeastAuditSize, MostAuditSize) ?? new ServerSettings().AuditSize,
            DisableWarning = Convert(null, "disable_warning", ParseWarning) ?? DisableWarning.Usual,
            MassFailure = Convert(null, "mass_failure", ParseMassFailure),
        };
        // A missing port is only reported if the file has no errors.
        var isComplete = _problems.TrueForAll(p => p.IsWarning);
        if (isComplete && !settings.Zeroconf && settings.Port == 0 && settings.Socket is null && settings.Activated.Count == 0)
            _usageError ??= "without zeroconf, clients cannot find the server unless a port or a socket is set";
        return settings;
    }

    private ConnectionLimits ReadLimits()
    {
        var defaults = new ConnectionLimits();
        var exchange = defaults.Exchange;
        return defaults with
        {
            Exchange = exchange with
            {
                Greeting = ReadTime("greeting_timeout") ?? exchange.Greeting,
                Handshake = ReadTime("handshake_timeout") ?? exchange.Handshake,
                Data = ReadTime("delivery_timeout") ?? exchange.Data,
                Close = ReadTime("close_timeout") ?? exchange.Close,
                RsaBits = _values?.Integer("max_rsa_bits", LeastRsaBits, MostRsaBits) ?? exchange.RsaBits,
                HandshakeBytes = _values?.Integer("handshake_bytes", LeastHandshakeBytes, 1 << 24) ?? exchange.HandshakeBytes,
            },
            MostOfOneAddress = _values?.Integer("max_connections_per_address", 1, MostConnections) ?? defaults.MostOfOneAddress,
            Most = _values?.Integer("max_connections", 1, MostConnections) ?? defaults.Most,
            MostWaitingOfOneClient = _values?.Integer("max_waiting_per_client", 1, MostConnections) ?? defaults.MostWaitingOfOneClient,
        };
    }

    /// <summary>Reads a time limit. There is no "none", because a silent peer would then stay forever.</summary>
    private TimeSpan? ReadTime(string name)
    {
        if (_values?.Duration(name) is not { } duration)
            return null;
        if (duration.Value > TimeSpan.Zero && duration.Value <= LongestTime)
            return duration.Value;
        _values.Refuse(name, $"it must be greater than zero and at most one day (P1D)");
        return null;
    }

    /// <summary>
    /// Reads a switch. The command line can only turn it off; if the file turns it off, it stays off. An invalid value counts as missing.
    /// </summary>
    private bool Enabled(bool turnedOff, string name)
    {
        var inFile = _values?.Boolean(name) ?? true;
        return inFile && !turnedOff;
    }

    /// <summary>Converts a string from the command line, or from the file, without interpolation.</summary>
    private T? Convert<T>(string? fromCommandLine, string name, Func<string, (T? Value, string? Error)> parse)
    {
        var text = fromCommandLine ?? _values?.Raw(name);
        if (text is null)
            return default;
        var (value, error) = parse(text);
        if (error is not null && fromCommandLine is not null)
            _usageError ??= $"--{name}: {error}";
        else if (error is not null)
            _values!.Refuse(name, error);
        return value;
    }

    private static (IPAddress?, string?) ParseAddress(string text, bool useIPv6)
    {
        if (text.Length == 0)
            return default;
        var percent = text.IndexOf('%', StringComparison.Ordinal);
        var number = NumericAddress.Parse(percent < 0 ? text : text[..percent]);
        // .NET parses the interface after the percent sign, by name or number.
        if (number is null
            || !IPAddress.TryParse(text, out var address)
            || (percent >= 0 && (percent == text.Length - 1 || !number.IsIPv6LinkLocal)))
            return (null, $"'{text}' is not an address");
        // An IPv4-mapped address is the same as the IPv4 address; the socket decides which form it needs.
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        if (address.AddressFamily == AddressFamily.InterNetwork)
            return (useIPv6 ? address.MapToIPv6() : address, null);
        return useIPv6 ? (address, null) : (null, $"'{text}' is an IPv6 address, and IPv6 is turned off (use_ipv6, --no-ipv6)");
    }

    private static (TlsPriority?, string?) ParsePriority(string text) =>
        text == TlsPriority.DefaultText ? (TlsPriority.ServerDefault, null)
        : TlsPriority.TryParse(text, out var priority, out var error) ? (priority, null)
        : (null, error);

    private static (string?, string?) ParseServiceName(string text) =>
        Encoding.UTF8.GetByteCount(text) is > 0 and <= 63 ? (text, null) : (null, $"'{text}' does not have 1 to 63 bytes");

    private static (LogLevel?, string?) ParseLevel(string text) =>
        text.Length == 0 || LogLevelName.Parse(text) is not null
            ? (LogLevelName.Parse(text), null)
            : (null, $"'{text}' is not one of CRITICAL, ERROR, WARNING, INFO, DEBUG");

    private static (DisableWarning?, string?) ParseWarning(string text) => DisableWarning.TryParse(text, out var warning)
        ? (warning, null)
        : (null, $"'{text}' is not a list of at most 8 different percentages from 1 to 99, such as 50, 10");

    private static (int?, string?) ParseMassFailure(string text) =>
        text.Trim().Length == 0 || Percent.Parse(text) == 0 ? (null, null)
        : Percent.Parse(text) is { } percent ? (percent, null)
        : (null, $"'{text}' is not a percentage from 1 to 100, such as 80, or 0 for none");

    private void ReportUnknown()
    {
        if (_document is null)
            return;
        foreach (var (name, option) in _document.Defaults.Options)
        {
            if (name == "configdir")
                Warn(option.Line, "'configdir' has no effect here, only on the command line");
            else if (!Known.Contains(name))
                Warn(option.Line, $"unknown option '{name}'{SpellingHint.Hint(name, Known)}");
        }

        foreach (var section in _document.Sections)
            Warn(section.Line, $"section [{section.Name}] is not used; options belong in [DEFAULT]");
    }

    private void Warn(int line, string text) => _problems.Add(new(_document!.File, line, text, IsWarning: true));
}
