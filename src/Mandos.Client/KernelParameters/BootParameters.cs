using Mandos.Client.CommandLine;
using Mandos.Core.Text;

namespace Mandos.Client.KernelParameters;

/// <summary>
/// The kernel parameter <c>mandos=</c> for the initramfs scripts, a comma-separated list.
/// <list type="bullet">
/// <item><c>off</c>, <c>no</c>, <c>0</c>: the password is typed; <c>on</c>, <c>yes</c>, <c>1</c>: as without the parameter.</item>
/// <item><c>connect</c>: the initramfs configures the network, by <c>ip=</c> or DHCP.</item>
/// <item><c>connect:ADDRESS:PORT</c>: the same, and only this server is used; several are tried in addition to discovered ones.</item>
/// </list>
/// </summary>
internal sealed class BootParameters
{
    private readonly List<string> _servers = [];
    private readonly List<string> _warnings = [];
    private int _serversGiven;

    /// <summary>The password is typed.</summary>
    internal bool IsOff { get; private set; }

    /// <summary>The initramfs should configure the network.</summary>
    internal bool WantsNetwork { get; private set; }

    /// <summary><c>cryptopts=</c> names a disk to unlock (initramfs-tools).</summary>
    internal bool NamesDisk { get; private set; }

    /// <summary>The warnings, for the console.</summary>
    internal IReadOnlyList<string> Warnings => _warnings;

    /// <summary>
    /// The options for mandos-client: a single server is used exclusively; several are used in addition to discovered ones, even if only
    /// one of them is valid.
    /// </summary>
    internal IEnumerable<string> ClientOptions => _servers.Select(server => $"--{(_serversGiven == 1 ? "connect" : "server")}={server}");

    /// <summary>Parses a whole command line.</summary>
    internal static BootParameters OfCommandLine(string commandLine)
    {
        const string mandos = "mandos=", cryptopts = "cryptopts=";
        var parameters = new BootParameters();
        foreach (var word in Words(commandLine))
        {
            if (word.StartsWith(mandos, StringComparison.Ordinal))
                parameters.Take(word[mandos.Length..]);
            else
                parameters.NamesDisk |= word.StartsWith(cryptopts, StringComparison.Ordinal) && word.Length > cryptopts.Length;
        }

        return parameters;
    }

    /// <summary>Parses only values of <c>mandos=</c>.</summary>
    internal static BootParameters OfValues(IEnumerable<string> values)
    {
        var parameters = new BootParameters();
        foreach (var value in values)
            parameters.Take(value);
        return parameters;
    }

    /// <summary>
    /// Splits a command line into words like the kernel (next_arg in lib/cmdline.c): at blanks outside quotation marks, which are removed.
    /// </summary>
    private static List<string> Words(string commandLine)
    {
        var words = new List<string>();
        var word = new System.Text.StringBuilder();
        var isQuoted = false;
        foreach (var letter in commandLine)
        {
            if (letter == '"')
                isQuoted = !isQuoted;
            else if (isQuoted || letter is not (' ' or '\t' or '\n'))
                word.Append(letter);
            else
                Flush();
        }

        Flush();
        return words;

        void Flush()
        {
            if (word.Length > 0)
                words.Add(word.ToString());
            word.Clear();
        }
    }

    private void Take(string value)
    {
        const string connect = "connect:";
        foreach (var setting in value.Split([',', ' ', '\t', '\n'], StringSplitOptions.RemoveEmptyEntries))
        {
            if (IsOneOf(setting, "off", "no", "0"))
                IsOff = true;
            else if (setting == "connect")
                WantsNetwork = true;
            else if (setting.StartsWith(connect, StringComparison.Ordinal))
                Add(setting[connect.Length..]);
            // More servers may follow the first; an address without a port is treated as one too.
            else if (WantsNetwork && setting.AsSpan().ContainsAny(':', '.'))
                Add(setting);
            else if (!IsOneOf(setting, "on", "yes", "1"))
                _warnings.Add(
                    $"unknown setting in the kernel parameter mandos=: {PrintableText.Of(setting)}; write off, connect or "
                        + "connect:ADDRESS:PORT");
        }
    }

    private static bool IsOneOf(string setting, params ReadOnlySpan<string> words)
    {
        foreach (var word in words)
        {
            if (setting.Equals(word, StringComparison.OrdinalIgnoreCase))
                return true;
        }

        return false;
    }

    /// <summary>Adds a server if it is valid: mandos-client would exit immediately with an invalid one.</summary>
    private void Add(string server)
    {
        WantsNetwork = true;
        _serversGiven++;
        if (ServerAddress.TryParse(server, out _, out var error) && server.All(c => c is > ' ' and < '\x7f'))
            _servers.Add(server);
        else
            _warnings.Add(
                $"kernel parameter mandos=: {PrintableText.Of(error ?? $"'{server}' is not an address")}; searching for servers instead");
    }
}
