using Mandos.Core.Secrets;

namespace Mandos.Client.Supervision;

/// <summary>What came of a fetch.</summary>
/// <param name="Password">The password; null if there is none. <see cref="NetworkProcessRuns"/> owns it.</param>
/// <param name="ExitCode">How the program ends without one; the reason has been said.</param>
internal readonly record struct FetchResult(SecretBuffer? Password, int ExitCode);
