using System.Text;

namespace Mandos.Monitor.Keyboard;

/// <summary>What was pressed.</summary>
internal enum KeyKind
{
    Character,

    /// <summary>A letter with the control key; <see cref="Key.Character"/> is the upper-case letter.</summary>
    Control,

    /// <summary>A character with the meta or alt key.</summary>
    Meta,
    Up,
    Down,
    PageUp,
    PageDown,
    Home,
    End,
    Enter,
    Escape,
    Tab,
    Backspace,
    Help,
    WheelUp,
    WheelDown,
    Click,
    Other,
}

/// <summary>One key, or one event of the mouse.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Character">The character, if it has one.</param>
/// <param name="Row">The row of a click, from 0.</param>
internal readonly record struct Key(KeyKind Kind, Rune Character = default, int Row = 0)
{
    internal static Key Of(char character) => new(KeyKind.Character, new Rune(character));

    internal static Key Control(char letter) => new(KeyKind.Control, new Rune(letter));

    internal static Key Meta(char character) => new(KeyKind.Meta, new Rune(character));

    internal bool Is(char character) => Kind == KeyKind.Character && Character.Value == character;
}
