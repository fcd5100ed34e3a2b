namespace Mandos.Client.Network;

/// <summary>What the user said about the network, and where messages go (without the program's name in front).</summary>
internal sealed record NetworkOptions
{
    /// <summary>The values of <c>--interface</c> as given, each a list separated by commas.</summary>
    public IReadOnlyList<string> InterfaceLists { get; init; } = [];

    /// <summary>The values of <c>--prefer-interface</c> as given, each a list separated by commas.</summary>
    public IReadOnlyList<string> PreferredInterfaceLists { get; init; } = [];

    /// <summary>How long the preferred interfaces have to appear before all good ones are used instead.</summary>
    public TimeSpan PreferenceGrace { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The value of <c>--connect</c> as given; null without it.</summary>
    public string? Connect { get; init; }

    /// <summary><c>--delay</c>: how long to wait for an interface that can be used.</summary>
    public TimeSpan Delay { get; init; } = TimeSpan.FromSeconds(2.5);

    /// <summary><c>--network-hook-dir</c></summary>
    public string HookDirectory { get; init; } = "/lib/mandos/network-hooks.d";

    /// <summary>How long each hook may run.</summary>
    public TimeSpan HookTimeLimit { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Where udev keeps its state.</summary>
    public string UdevDirectory { get; init; } = "/run/udev";

    /// <summary>Warnings; nothing here is fatal.</summary>
    public required Action<string> Warn { get; init; }

    /// <summary>Set by <c>--debug</c>.</summary>
    public Action<string>? Debug { get; init; }

    public TimeProvider Time { get; init; } = TimeProvider.System;
}
