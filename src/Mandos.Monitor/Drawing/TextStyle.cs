namespace Mandos.Monitor.Drawing;

/// <summary>The meaning of a colour; without colours the text has to say it.</summary>
internal enum Tone
{
    Plain,
    Good,
    Notice,
    Warning,
    Error,
}

/// <summary>How a character looks.</summary>
internal readonly record struct TextStyle(Tone Tone = Tone.Plain, bool Bold = false, bool Reverse = false)
{
    /// <summary>The control sequence that selects it (ECMA-48, SGR), whatever was selected before.</summary>
    internal string Sequence(bool hasColors)
    {
        var color = Tone switch
        {
            Tone.Good => ";32",
            Tone.Notice => ";36",
            Tone.Warning => ";33",
            Tone.Error => ";31",
            _ => "",
        };
        return $"\u001b[0{(Bold ? ";1" : "")}{(Reverse ? ";7" : "")}{(hasColors ? color : "")}m";
    }
}
