using System.Globalization;
using Mandos.Client.CommandLine;
using Mandos.Client.Hosting;
using Mandos.Core.Exchange;
using Mandos.Core.Linux.Privileges;

namespace Mandos.Client.ProcessBoundary;

/// <summary>
/// The settings that the network process gets when it starts, as words <c>name=value</c> after its own name. They contain no secrets.
/// </summary>
internal sealed record NetworkProcessSettings
{
    /// <summary>The first argument of a network process.</summary>
    internal const string Role = RoleNames.NetworkProcess;

    /// <summary>The only server; null to look for servers.</summary>
    internal ServerAddress? Connect { get; init; }

    /// <summary>Servers that are tried first.</summary>
    internal IReadOnlyList<ServerAddress> Servers { get; init; } = [];

    /// <summary>The pause before a server is tried again.</summary>
    internal TimeSpan Retry { get; init; }

    /// <summary>After this time without a password, the process prints what it is doing.</summary>
    internal TimeSpan Delay { get; init; }

    /// <summary>The TLS parameters.</summary>
    internal string Priority { get; init; } = TlsPriority.DefaultText;

    /// <summary>Exit if the kernel cannot confine this process.</summary>
    internal bool RequireSandbox { get; init; }

    /// <summary>Refuse messages without a valid signature.</summary>
    internal bool RequireSignature { get; init; }

    /// <summary>Announce a rehearsal to servers, and print what is found.</summary>
    internal bool Rehearsal { get; init; }

    /// <summary>Print debug messages.</summary>
    internal bool Debug { get; init; }

    /// <summary>
    /// The user of a network process that root starts; 0 means the user nobody. A supervisor with full root privileges cannot find out who
    /// started it.
    /// </summary>
    internal uint User { get; init; }

    /// <summary>The group of <see cref="User"/>.</summary>
    internal uint Group { get; init; }

    /// <summary>Takes the settings of the network process from the options.</summary>
    internal static NetworkProcessSettings From(ClientOptions options) => new()
    {
        User = Credentials.RealUser,
        Group = Credentials.RealGroup,
        Connect = options.Connect,
        Servers = options.Servers,
        Retry = options.Retry,
        Delay = options.Delay,
        Priority = options.Priority ?? TlsPriority.DefaultText,
        RequireSandbox = options.RequireSandbox,
        RequireSignature = options.RequireSignature,
        Rehearsal = options.Rehearsal is not null,
        Debug = options.Debug,
    };

    /// <summary>The words, beginning with the role.</summary>
    internal IReadOnlyList<string> ToArguments()
    {
        List<string> words =
            [Role, string.Create(CultureInfo.InvariantCulture, $"retry={Retry.Ticks}"),
                string.Create(CultureInfo.InvariantCulture, $"delay={Delay.Ticks}"), $"priority={Priority}"];
        if (Connect is not null)
            words.Add($"connect={Connect}");
        words.AddRange(Servers.Select(server => $"server={server}"));
        if (RequireSandbox)
            words.Add("sandbox=1");
        if (RequireSignature)
            words.Add("require-signature=1");
        if (Rehearsal)
            words.Add("rehearsal=1");
        if (Debug)
            words.Add("debug=1");
        if (User != 0)
            words.AddRange(
                [string.Create(CultureInfo.InvariantCulture, $"user={User}"),
                    string.Create(CultureInfo.InvariantCulture, $"group={Group}")]);
        return words;
    }

    /// <summary>Parses the words after the role; null if they are not from the supervisor.</summary>
    internal static NetworkProcessSettings? Parse(IReadOnlyList<string> words)
    {
        var settings = new NetworkProcessSettings();
        foreach (var word in words)
        {
            var equals = word.IndexOf('=', StringComparison.Ordinal);
            if (equals < 0)
                return null;
            var value = word[(equals + 1)..];
            switch (word[..equals])
            {
                case "retry" when long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var ticks):
                    settings = settings with { Retry = TimeSpan.FromTicks(ticks) };
                    break;
                case "delay" when long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var ticks):
                    settings = settings with { Delay = TimeSpan.FromTicks(ticks) };
                    break;
                case "priority":
                    settings = settings with { Priority = value };
                    break;
                case "connect" when ServerAddress.TryParse(value, out var connect, out _):
                    settings = settings with { Connect = connect };
                    break;
                case "server" when ServerAddress.TryParse(value, out var server, out _):
                    settings = settings with { Servers = [.. settings.Servers, server] };
                    break;
                case "require-signature":
                    settings = settings with { RequireSignature = true };
                    break;
                case "rehearsal":
                    settings = settings with { Rehearsal = true };
                    break;
                case "sandbox":
                    settings = settings with { RequireSandbox = true };
                    break;
                case "user" when TryId(value, out var user) && user != 0:
                    settings = settings with { User = user };
                    break;
                case "group" when TryId(value, out var group):
                    settings = settings with { Group = group };
                    break;
                case "debug":
                    settings = settings with { Debug = true };
                    break;
                default:
                    return null;
            }
        }

        return settings;
    }

    private static bool TryId(string text, out uint id) =>
        uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out id) && id != uint.MaxValue;
}
