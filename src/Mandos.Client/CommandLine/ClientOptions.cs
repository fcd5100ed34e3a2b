namespace Mandos.Client.CommandLine;

/// <summary>The options of mandos-client; every value has been checked.</summary>
internal sealed record ClientOptions
{
    /// <summary>The only server, without discovery; null to look for servers.</summary>
    internal ServerAddress? Connect { get; init; }

    /// <summary>The text of <c>--connect</c>, for network hooks.</summary>
    internal string? ConnectText { get; init; }

    /// <summary>Servers that are tried first, in addition to discovered ones.</summary>
    internal IReadOnlyList<ServerAddress> Servers { get; init; } = [];

    /// <summary>The given names in order, including <c>none</c>; empty to choose automatically.</summary>
    internal IReadOnlyList<string> Interfaces { get; init; } = [];

    /// <summary>Names that are used like those in <see cref="Interfaces"/>, provided that one of them soon exists.</summary>
    internal IReadOnlyList<string> PreferredInterfaces { get; init; } = [];

    /// <summary>The key files.</summary>
    internal KeyPaths Keys { get; init; } = KeyPaths.Default;

    /// <summary>The TLS parameters as a GnuTLS priority string; null for the default.</summary>
    internal string? Priority { get; init; }

    /// <summary>The longest wait for an interface to become usable.</summary>
    internal TimeSpan Delay { get; init; } = TimeSpan.FromSeconds(2.5);

    /// <summary>The pause between attempts to reach one server.</summary>
    internal TimeSpan Retry { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The folder of network hooks; null to run none.</summary>
    internal string? NetworkHookDirectory { get; init; } = DefaultNetworkHookDirectory;

    /// <summary>The rehearsal to run instead of a fetch; null to fetch the password.</summary>
    internal RehearsalOptions? Rehearsal { get; init; }

    /// <summary>Fail rather than use the network without a system call filter and without landlock.</summary>
    internal bool RequireSandbox { get; init; }

    /// <summary>Refuse messages without a valid signature by this machine's key.</summary>
    internal bool RequireSignature { get; init; }

    /// <summary>Print debug messages on standard error.</summary>
    internal bool Debug { get; init; }

    /// <summary>Given options that are accepted but have no effect with TLS 1.3.</summary>
    internal IReadOnlyList<string> WithoutEffect { get; init; } = [];

    internal const string DefaultNetworkHookDirectory = "/lib/mandos/network-hooks.d";
}

/// <summary>The options of a rehearsal (<c>--test</c>).</summary>
/// <param name="Devices">The encrypted devices that the password should open.</param>
/// <param name="Limit">How long to wait for the password.</param>
internal sealed record RehearsalOptions(IReadOnlyList<string> Devices, TimeSpan Limit)
{
    internal static readonly TimeSpan DefaultLimit = TimeSpan.FromSeconds(60);
}
