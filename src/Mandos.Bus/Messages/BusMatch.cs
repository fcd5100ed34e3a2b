using System.Text;

namespace Mandos.Bus.Messages;

/// <summary>Which signals are requested; null means any.</summary>
public sealed record BusMatch
{
    /// <summary>
    /// The sender. A well-known name is checked only by the bus when it routes the signal; to exclude forgery, use the unique name of the
    /// owner.
    /// </summary>
    public string? Sender { get; init; }

    /// <summary>The object that it is about.</summary>
    public string? Path { get; init; }

    /// <summary>The interface of the signal.</summary>
    public string? Interface { get; init; }

    /// <summary>Its name.</summary>
    public string? Member { get; init; }

    /// <summary>Its first argument, if that is a string.</summary>
    public string? FirstArgument { get; init; }

    /// <summary>The rule in the syntax of the bus (D-Bus specification, match rules).</summary>
    internal string ToRule()
    {
        var rule = new StringBuilder("type='signal'");
        Append("sender", Sender);
        Append("path", Path);
        Append("interface", Interface);
        Append("member", Member);
        Append("arg0", FirstArgument);
        return rule.ToString();

        void Append(string key, string? value)
        {
            if (value is not null)
                rule.Append(',').Append(key).Append("='").Append(value.Replace("'", "'\\''", StringComparison.Ordinal)).Append('\'');
        }
    }

    /// <summary>Whether a received signal matches.</summary>
    internal bool Fits(ReceivedSignal signal, string? firstArgument) =>
        (Path is null || Path == signal.Path)
        && (Interface is null || Interface == signal.Interface)
        && (Member is null || Member == signal.Member)
        && (FirstArgument is null || FirstArgument == firstArgument)
        && (Sender is not ([':', ..] or "org.freedesktop.DBus") || Sender == signal.Sender);
}
