namespace Mandos.Client.CommandLine;

/// <summary>What mandos-client was asked to do; every value has been checked.</summary>
internal sealed record ClientOptions
{
    /// <summary>The only server, without discovery; null to look for servers.</summary>
    internal ServerAddress? Connect { get; init; }

    /// <summary>The text behind <c>--connect</c>, for network hooks.</summary>
    internal string? ConnectText { get; init; }

    /// <summary>Servers that are tried first, besides those found.</summary>
    internal IReadOnlyList<ServerAddress> Servers { get; init; } = [];

    /// <summary>Names in the order given, <c>none</c> included; empty means to choose automatically.</summary>
    internal IReadOnlyList<string> Interfaces { get; init; } = [];

    /// <summary>Names that are used as if they were interfaces of the list above, as long as one of them exists soon.</summary>
    internal IReadOnlyList<string> PreferredInterfaces { get; init; } = [];

    /// <summary>The key files.</summary>
    internal KeyPaths Keys { get; init; } = KeyPaths.Default;

    /// <summary>The TLS parameters as a GnuTLS priority string; null for the default.</summary>
    internal string? Priority { get; init; }

    /// <summary>Longest wait for an interface to get its link.</summary>
    internal TimeSpan Delay { get; init; } = TimeSpan.FromSeconds(2.5);

    /// <summary>Pause between attempts to reach one server.</summary>
    internal TimeSpan Retry { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The folder of network hooks.</summary>
    internal string NetworkHookDirectory { get; init; } = DefaultNetworkHookDirectory;

    /// <summary>Rather fail than read the network without a filter of system calls and without landlock.</summary>
    internal bool RequireSandbox { get; init; }

    /// <summary>Refuse messages without a valid signature of this machine's key.</summary>
    internal bool RequireSignature { get; init; }

    /// <summary>Print on standard error what happens.</summary>
    internal bool Debug { get; init; }

    /// <summary>Options that were given, are accepted, and change nothing: TLS 1.3 has no use for them.</summary>
    internal IReadOnlyList<string> WithoutEffect { get; init; } = [];

    internal const string DefaultNetworkHookDirectory = "/lib/mandos/network-hooks.d";
}
