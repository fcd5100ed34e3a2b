namespace Mandos.Client.Plugins;

/// <summary>Why nothing could be asked on a terminal.</summary>
internal enum TerminalFailure
{
    /// <summary>It could be asked.</summary>
    None,

    /// <summary>There is no terminal.</summary>
    NoTerminal,

    /// <summary>What is typed would be seen.</summary>
    NoSilence,

    /// <summary>Nothing can be read.</summary>
    NoInput,
}
