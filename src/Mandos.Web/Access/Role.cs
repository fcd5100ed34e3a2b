namespace Mandos.Web.Access;

/// <summary>What a person may do; each role includes the ones before it.</summary>
internal enum Role
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>See the clients.</summary>
    Viewer,

    /// <summary>Approve and deny requests that wait.</summary>
    Approver,

    /// <summary>Enable, disable and remove clients.</summary>
    Administrator,
}

/// <summary>A person who is logged in.</summary>
/// <param name="Name">The name, as the reverse proxy or the account has it.</param>
/// <param name="Role">What this person may do.</param>
internal sealed record Person(string Name, Role Role);
