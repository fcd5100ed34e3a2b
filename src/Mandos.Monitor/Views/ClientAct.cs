namespace Mandos.Monitor.Views;

/// <summary>What an operator does with a client.</summary>
internal enum ClientAct
{
    Approve,
    Deny,
    Enable,
    Disable,
    Remove,
    StartChecker,
    StopChecker,
    CountAsChecked,
}

/// <summary>Words for it.</summary>
internal static class ClientActs
{
    internal static string Verb(this ClientAct act) => act switch
    {
        ClientAct.Approve => "approve",
        ClientAct.Deny => "deny",
        ClientAct.Enable => "enable",
        ClientAct.Disable => "disable",
        ClientAct.Remove => "remove",
        ClientAct.StartChecker => "start a check",
        ClientAct.StopChecker => "stop the check",
        _ => "count as checked",
    };
}
