namespace Mandos.Client.Hosting;

/// <summary>The names that the boot executable is called by. Each selects its program; every other name selects the client.</summary>
internal static class RoleNames
{
    /// <summary>The program that the executable is named after; every name that is not in <see cref="Others"/> selects it too.</summary>
    internal const string Client = "mandos-client";

    internal const string PluginRunner = "plugin-runner";
    internal const string PasswordPrompt = "password-prompt";
    internal const string Plymouth = "plymouth";
    internal const string AskpassFifo = "askpass-fifo";
    internal const string PasswordAgent = "password-agent";
    internal const string Unlock = "mandos-to-cryptroot-unlock";
    internal const string PasswordCache = "password-cache";
    internal const string KernelParameters = "kernel-parameters";
    internal const string Launch = "launch";
    internal const string NetworkProcess = "network-process";

    /// <summary>The programs other than the client.</summary>
    internal static IReadOnlyList<string> Others { get; } =
        [PluginRunner, PasswordPrompt, Plymouth, AskpassFifo, PasswordAgent, Unlock, PasswordCache, KernelParameters, Launch,
            NetworkProcess];

    /// <summary>Whether the executable fetches the password from a server when called by this name.</summary>
    internal static bool IsClient(string name) => !Others.Contains(name);
}
