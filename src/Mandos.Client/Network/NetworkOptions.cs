namespace Mandos.Client.Network;

/// <summary>The network options, and the outputs for messages (without the program's name).</summary>
internal sealed record NetworkOptions
{
    /// <summary>The values of <c>--interface</c> as given, each a comma-separated list.</summary>
    public IReadOnlyList<string> InterfaceLists { get; init; } = [];

    /// <summary>The values of <c>--prefer-interface</c> as given, each a comma-separated list.</summary>
    public IReadOnlyList<string> PreferredInterfaceLists { get; init; } = [];

    /// <summary>How long to wait for preferred interfaces before all suitable ones are used instead.</summary>
    public TimeSpan PreferenceGrace { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The value of <c>--connect</c> as given; null without it.</summary>
    public string? Connect { get; init; }

    /// <summary><c>--delay</c>: how long to wait for a usable interface.</summary>
    public TimeSpan Delay { get; init; } = TimeSpan.FromSeconds(2.5);

    /// <summary><c>--network-hook-dir</c>; null to run no hooks.</summary>
    public string? HookDirectory { get; init; } = "/lib/mandos/network-hooks.d";

    /// <summary>How long each hook may run.</summary>
    public TimeSpan HookTimeLimit { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The directory of udev's state.</summary>
    public string UdevDirectory { get; init; } = "/run/udev";

    /// <summary>Prints warnings; no network error is fatal.</summary>
    public required Action<string> Warn { get; init; }

    /// <summary>Prints debug messages; set by <c>--debug</c>.</summary>
    public Action<string>? Debug { get; init; }

    public TimeProvider Time { get; init; } = TimeProvider.System;
}
