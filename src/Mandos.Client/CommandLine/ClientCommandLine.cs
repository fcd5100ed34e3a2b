using System.CommandLine;
using System.Globalization;
using Mandos.Client.Hosting;
using Mandos.CommandLine;
using Mandos.Core.Exchange;

namespace Mandos.Client.CommandLine;

/// <summary>The command line of mandos-client: upstream's names, short forms and defaults, and <c>--server</c>.</summary>
internal sealed class ClientCommandLine
{
    private readonly GnuProgram _program = new(
        "mandos-client", "Gets the password of this machine's disk from a Mandos server.", ExitCode.Usage, ExitCode.Usage)
    {
        VersionPrefix = "Mandos plugin mandos-client: ",
    };

    private readonly Option<string?> _connect = PlainOption.Text(
        "--connect", "ADDRESS:PORT", "Connect directly to this Mandos server, without searching for others", "-c");
    private readonly Option<IReadOnlyList<string>> _server = PlainOption.Texts(
        "--server", "ADDRESS:PORT", "Try this Mandos server first, in addition to those found; may be repeated");
    private readonly Option<IReadOnlyList<string>> _interface = PlainOption.Texts(
        "--interface", "NAME[,NAME...]", "Network interfaces to use; those listed after 'none' are not brought up", "-i");
    private readonly Option<IReadOnlyList<string>> _preferInterface = PlainOption.Texts(
        "--prefer-interface", "NAME[,NAME...]", "Like --interface, but all usable interfaces if none of these exists within 10 seconds");
    private readonly Option<string?> _pubkey = PlainOption.Text("--pubkey", "FILE", "OpenPGP public key file", "-p");
    private readonly Option<string?> _seckey = PlainOption.Text("--seckey", "FILE", "OpenPGP secret key file", "-s");
    private readonly Option<string?> _tlsPubkey = PlainOption.Text("--tls-pubkey", "FILE", "TLS public key file", "-T");
    private readonly Option<string?> _tlsPrivkey = PlainOption.Text("--tls-privkey", "FILE", "TLS private key file", "-t");
    private readonly Option<string?> _priority = PlainOption.Text("--priority", "STRING", "GnuTLS priority string for the TLS handshake");
    private readonly Option<string?> _dhBits = PlainOption.Text("--dh-bits", "BITS", "Accepted and ignored; TLS 1.3 does not use it");
    private readonly Option<string?> _dhParams = PlainOption.Text("--dh-params", "FILE", "Accepted and ignored; TLS 1.3 does not use it");
    private readonly Option<string?> _delay = PlainOption.Text(
        "--delay", "SECONDS", "Longest wait for a network interface to come up (2.5)");
    private readonly Option<string?> _retry = PlainOption.Text("--retry", "SECONDS", "Pause before a server is tried again (10)");
    private readonly Option<string?> _hookDirectory = PlainOption.Text("--network-hook-dir", "DIR", "Directory of network hooks");
    private readonly Option<bool> _requireSandbox = PlainOption.Flag(
        "--require-sandbox", "Fail if the kernel has no seccomp or no landlock");
    private readonly Option<bool> _requireSignature = PlainOption.Flag(
        "--require-signature", "Refuse a password whose message is not signed by this machine's OpenPGP key");
    private readonly Option<bool> _test = PlainOption.Flag(
        "--test", "On a running machine: test whether the password arrives; print no password and change no interface");
    private readonly Option<IReadOnlyList<string>> _device = PlainOption.Texts(
        "--device", "DEVICE", "With --test: test whether the password opens this encrypted device; may be repeated");
    private readonly Option<string?> _timeLimit = PlainOption.Text(
        "--time-limit", "SECONDS", "With --test: longest wait for the password (60)");
    private readonly Option<bool> _debug = PlainOption.Flag("--debug", "Print debug output on standard error");

    private readonly Func<string, bool> _directoryExists;

    /// <param name="directoryExists">Whether a directory exists; used to find the keys.</param>
    internal ClientCommandLine(Func<string, bool>? directoryExists = null)
    {
        _directoryExists = directoryExists ?? Directory.Exists;
        foreach (var option in new Option[]
        {
            _connect, _server, _interface, _preferInterface, _pubkey, _seckey, _tlsPubkey, _tlsPrivkey, _priority, _dhBits, _dhParams,
            _delay, _retry, _hookDirectory, _requireSandbox, _requireSignature, _test, _device, _timeLimit, _debug,
        })
            _program.Command.Options.Add(option);
    }

    /// <summary>All options, for the tests of the completion and the manual.</summary>
    internal IEnumerable<Option> Options => _program.Command.Options;

    /// <summary>
    /// Parses the command line. Null if everything has been printed and the program exits with <paramref name="exitCode"/>.
    /// </summary>
    internal ClientOptions? Parse(IReadOnlyList<string> arguments, TextWriter output, TextWriter error, out int exitCode)
    {
        var result = _program.Parse(arguments, output, error, out exitCode);
        if (result is null)
            return null;
        var options = Read(result, out var problem);
        if (options is not null)
            return options;
        exitCode = _program.UsageError;
        _program.Error(error, problem, $"try '{_program.Name} --help'");
        return null;
    }

    private ClientOptions? Read(ParseResult result, out string problem)
    {
        var defaults = new ClientOptions();
        var keys = KeyPaths.Find(_directoryExists);
        var connectText = result.GetValue(_connect);
        ServerAddress? connect = null;
        var servers = new List<ServerAddress>();
        if ((connectText is not null && !ReadServer(_connect, connectText, out connect, out problem))
            || !ReadServers(result.GetValue(_server)!, servers, out problem)
            || !ReadSeconds(_delay, result, defaults.Delay, out var delay, out problem)
            || !ReadSeconds(_retry, result, defaults.Retry, out var retry, out problem)
            || !ReadRehearsal(result, out var rehearsal, out problem)
            || !CheckBits(result.GetValue(_dhBits), out problem)
            || !CheckPriority(result.GetValue(_priority), out problem))
            return null;

        return new ClientOptions
        {
            Connect = connect,
            ConnectText = connectText,
            Servers = servers,
            // A rehearsal uses interfaces as they are.
            Interfaces = rehearsal is null
                ? Names(result.GetValue(_interface)!)
                : ["none", .. Names(result.GetValue(_interface)!).Where(name => name != "none")],
            PreferredInterfaces = Names(result.GetValue(_preferInterface)!),
            Keys = new KeyPaths(
                result.GetValue(_pubkey) ?? keys.OpenPgpPublic,
                result.GetValue(_seckey) ?? keys.OpenPgpSecret,
                result.GetValue(_tlsPubkey) ?? keys.TlsPublic,
                result.GetValue(_tlsPrivkey) ?? keys.TlsPrivate),
            Priority = result.GetValue(_priority),
            Delay = delay,
            Retry = retry,
            NetworkHookDirectory = rehearsal is null ? result.GetValue(_hookDirectory) ?? defaults.NetworkHookDirectory : null,
            Rehearsal = rehearsal,
            RequireSandbox = result.GetValue(_requireSandbox),
            RequireSignature = result.GetValue(_requireSignature),
            Debug = result.GetValue(_debug),
            WithoutEffect =
                [.. new Option[] { _dhBits, _dhParams }.Where(o => result.GetResult(o) is { Implicit: false }).Select(o => o.Name)],
        };
    }

    private static IReadOnlyList<string> Names(IReadOnlyList<string> lists) =>
        [.. lists.SelectMany(list => list.Split(',', StringSplitOptions.RemoveEmptyEntries))];

    private static bool ReadServer(Option option, string text, out ServerAddress? server, out string problem)
    {
        problem = "";
        if (ServerAddress.TryParse(text, out server, out var error))
            return true;
        problem = $"option '{option.Name}': {error}";
        return false;
    }

    private bool ReadServers(IReadOnlyList<string> texts, List<ServerAddress> servers, out string problem)
    {
        problem = "";
        foreach (var text in texts)
        {
            if (!ReadServer(_server, text, out var server, out problem))
                return false;
            servers.Add(server!);
        }

        return true;
    }

    private static bool ReadSeconds(
        Option<string?> option, ParseResult result, TimeSpan byDefault, out TimeSpan seconds, out string problem)
    {
        problem = "";
        seconds = byDefault;
        if (result.GetValue(option) is not { } text || Seconds.TryParse(text, out seconds))
            return true;
        problem = $"option '{option.Name}': invalid number of seconds '{text}'";
        return false;
    }

    private bool ReadRehearsal(ParseResult result, out RehearsalOptions? rehearsal, out string problem)
    {
        rehearsal = null;
        if (!ReadSeconds(_timeLimit, result, RehearsalOptions.DefaultLimit, out var limit, out problem))
            return false;
        var devices = result.GetValue(_device)!;
        if (result.GetValue(_test))
            rehearsal = new(devices, limit);
        else if (devices.Count > 0 || result.GetValue(_timeLimit) is not null)
            problem = $"option '{(devices.Count > 0 ? _device.Name : _timeLimit.Name)}' needs {_test.Name}";
        return problem.Length == 0;
    }

    private bool CheckBits(string? text, out string problem)
    {
        problem = text is null || uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out _)
            ? ""
            : $"option '{_dhBits.Name}': invalid number of bits '{text}'";
        return problem.Length == 0;
    }

    private bool CheckPriority(string? text, out string problem)
    {
        problem = "";
        if (text is null || TlsPriority.TryParse(text, out _, out var error))
            return true;
        problem = $"option '{_priority.Name}': {error}";
        return false;
    }
}
