using System.CommandLine;
using System.Globalization;
using Mandos.CommandLine;
using Mandos.Core.Text;

namespace Mandos.Server.Configuration;

/// <summary>The options of <c>mandos</c>: upstream's names, short forms and meanings, and <c>--check-config</c>.</summary>
internal sealed class ServerCommandLine
{
    internal const int UsageError = 2;

    private readonly Option<string?> _interface = PlainOption.Text(
        "--interface", "IF", "Listen and announce on this network interface only", "-i");
    private readonly Option<string?> _address = PlainOption.Text("--address", "ADDRESS", "Listen on this address only", "-a");
    private readonly Option<string?> _port = PlainOption.Text("--port", "PORT", "Listen on this TCP port (default: any free one)", "-p");
    private readonly Option<string?> _priority = PlainOption.Text(
        "--priority", "STRING", "What the TLS handshake may use, as a GnuTLS priority string");
    private readonly Option<string?> _serviceName = PlainOption.Text(
        "--servicename", "NAME", "Announce the service under this name (default: Mandos)");
    private readonly Option<bool> _debug = PlainOption.Flag("--debug", "Log everything, also to stderr; stay in the foreground");
    private readonly Option<string?> _debugLevel = PlainOption.Text(
        "--debuglevel", "LEVEL", "Log messages of this level and above: CRITICAL, ERROR, WARNING, INFO or DEBUG");
    private readonly Option<string?> _configDir = PlainOption.Text(
        "--configdir", "DIR", $"Directory of mandos.conf and clients.conf (default: {CommandLineSettings.DefaultConfigurationDirectory})");
    private readonly Option<string?> _stateDir = PlainOption.Text(
        "--statedir", "DIR", $"Directory of the saved state (default: {ServerSettings.DefaultStateDirectory})");
    private readonly Option<bool> _noDBus = PlainOption.Flag("--no-dbus", "Do not use D-Bus");
    private readonly Option<bool> _noIPv6 = PlainOption.Flag("--no-ipv6", "Use IPv4 only");
    private readonly Option<bool> _noRestore = PlainOption.Flag("--no-restore", "Do not restore saved state");
    private readonly Option<bool> _noZeroconf = PlainOption.Flag("--no-zeroconf", "Do not announce the service; needs --port or --socket");
    private readonly Option<string?> _socket = PlainOption.Text("--socket", "FD", "Use this inherited, bound socket");
    private readonly Option<bool> _foreground = PlainOption.Flag("--foreground", "Do not run in the background");
    private readonly Option<bool> _check = PlainOption.Flag("--check", "Test whether the program works here, and exit");
    private readonly Option<bool> _checkConfig = PlainOption.Flag(
        "--check-config", "Report what is wrong with the configuration, try the checkers of new clients, and exit");
    private readonly Option<bool> _noTry = PlainOption.Flag("--no-try", "With --check-config: run no checker");

    internal ServerCommandLine()
    {
        Program = new GnuProgram(
            "mandos", "Gives the passwords of encrypted disks to the machines they belong to", UsageError, helpAliases: ["-h"],
            versionAliases: ["-v"]);
        foreach (var option in (Option[])[_interface, _address, _port, _priority, _serviceName, _debug, _debugLevel, _configDir, _stateDir,
            _noDBus, _noIPv6, _noRestore, _noZeroconf, _socket, _foreground, _check, _checkConfig, _noTry])
            Program.Command.Options.Add(option);
    }

    /// <summary>The program, as its help describes it.</summary>
    internal GnuProgram Program { get; }

    /// <summary>
    /// Parses the command line. Null if everything has been printed and the program exits with <paramref name="exitCode"/>.
    /// </summary>
    internal CommandLineSettings? Parse(IReadOnlyList<string> arguments, TextWriter output, TextWriter error, out int exitCode)
    {
        // After --check, upstream accepts a choice of further tests, which no other option here has.
        if (arguments.Contains(_check.Name))
            arguments = [.. arguments.Where(a => !a.StartsWith("--prefix=", StringComparison.Ordinal))];
        if (Program.Parse(arguments, output, error, out exitCode) is not { } result)
            return null;
        exitCode = UsageError;
        if (!TryInteger(result, _port, 0, ushort.MaxValue, error, out var port)
            || !TryInteger(result, _socket, 0, int.MaxValue, error, out var socket))
            return null;
        exitCode = 0;
        return new CommandLineSettings
        {
            Interface = result.GetValue(_interface),
            Address = result.GetValue(_address),
            Port = port,
            Priority = result.GetValue(_priority),
            ServiceName = result.GetValue(_serviceName),
            DebugLevel = result.GetValue(_debugLevel),
            ConfigurationDirectory = result.GetValue(_configDir) ?? CommandLineSettings.DefaultConfigurationDirectory,
            StateDirectory = result.GetValue(_stateDir),
            Socket = socket,
            Debug = result.GetValue(_debug),
            Foreground = result.GetValue(_foreground),
            NoDBus = result.GetValue(_noDBus),
            NoIPv6 = result.GetValue(_noIPv6),
            NoRestore = result.GetValue(_noRestore),
            NoZeroconf = result.GetValue(_noZeroconf),
            CheckConfiguration = result.GetValue(_checkConfig),
            TriesCheckers = !result.GetValue(_noTry),
            CheckSelf = result.GetValue(_check),
        };
    }

    private bool TryInteger(ParseResult result, Option<string?> option, int minimum, int maximum, TextWriter error, out int? value)
    {
        value = null;
        if (result.GetValue(option) is not { } text)
            return true;
        if (PythonText.TryParseInteger(text, out var number) && number >= minimum && number <= maximum)
        {
            value = (int)number;
            return true;
        }

        Program.Error(
            error,
            string.Create(
                CultureInfo.InvariantCulture, $"{option.Name}: '{PrintableText.Of(text)}' is not an integer from {minimum} to {maximum}"),
            "try 'mandos --help'");
        return false;
    }
}
