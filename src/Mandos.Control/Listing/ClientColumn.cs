using System.Globalization;
using Mandos.BusClient;

namespace Mandos.Control.Listing;

/// <summary>A column of the table.</summary>
/// <param name="Property">The property on the bus.</param>
/// <param name="Header">The header.</param>
/// <param name="IsDuration">Whether the property is a duration.</param>
internal sealed record ClientColumn(string Property, string Header, bool IsDuration = false)
{
    /// <summary>The columns of <c>--verbose</c>, and the properties of <c>--dump-json</c>, in order.</summary>
    internal static IReadOnlyList<ClientColumn> All { get; } =
    [
        new("Name", "Name"),
        new("Enabled", "Enabled"),
        new("Timeout", "Timeout", IsDuration: true),
        new("LastCheckedOK", "Last Successful Check"),
        new("Created", "Created"),
        new("Interval", "Interval", IsDuration: true),
        new("Host", "Host"),
        new("KeyID", "Key ID"),
        new("Fingerprint", "Fingerprint"),
        new("CheckerRunning", "Check Is Running"),
        new("LastEnabled", "Last Enabled"),
        new("ApprovalPending", "Approval Is Pending"),
        new("ApprovedByDefault", "Approved By Default"),
        new("LastApprovalRequest", "Last Approval Request"),
        new("ApprovalDelay", "Approval Delay", IsDuration: true),
        new("ApprovalDuration", "Approval Duration", IsDuration: true),
        new("Checker", "Checker"),
        new("ExtendedTimeout", "Extended Timeout", IsDuration: true),
        new("Expires", "Expires"),
        new("LastCheckerStatus", "Last Checker Status"),
    ];

    /// <summary>The columns without <c>--verbose</c>.</summary>
    internal static IReadOnlyList<ClientColumn> Usual { get; } = [.. All.Take(4)];

    /// <summary>A client's value as the table shows it.</summary>
    internal string Value(ClientState client) => client[Property] switch
    {
        bool flag => flag ? "Yes" : "No",
        long number when IsDuration => Duration(number),
        long number => number.ToString(CultureInfo.InvariantCulture),
        string text => text,
        _ => "",
    };

    /// <summary>Days and a T only if there are any, then hours, minutes and seconds.</summary>
    private static string Duration(long milliseconds)
    {
        var seconds = milliseconds / 1000;
        var (days, rest) = Math.DivRem(seconds, 86_400);
        return string.Create(
            CultureInfo.InvariantCulture, $"{(days == 0 ? "" : $"{days}T")}{rest / 3600:00}:{rest / 60 % 60:00}:{rest % 60:00}");
    }
}
