namespace Mandos.Server.Clients;

/// <summary>Fills in a client's checker command as of this state. Depends on nothing else, and never throws.</summary>
internal delegate ExpandedCommand CommandExpansion(ClientState client);

/// <summary>What became of a checker command; one of both is null.</summary>
/// <param name="Command">For the shell, all filled in.</param>
/// <param name="Problem">Why it could not be.</param>
internal readonly record struct ExpandedCommand(string? Command, string? Problem);
