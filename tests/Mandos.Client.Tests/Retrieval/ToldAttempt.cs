using System.Text;
using Mandos.Client.Retrieval;
using Mandos.Core.Secrets;

namespace Mandos.Client.Tests.Retrieval;

/// <summary>An attempt that does as it is told.</summary>
internal sealed class ToldAttempt(Candidate candidate, int interfaceIndex, Action connected, CancellationToken token)
{
    private readonly TaskCompletionSource<AttemptOutcome> _outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Candidate Candidate { get; } = candidate;

    public int InterfaceIndex { get; } = interfaceIndex;

    public CancellationToken Token { get; } = token;

    public Task<AttemptOutcome> Outcome => _outcome.Task;

    public void Connect() => connected();

    public void Fail() => _outcome.SetResult(new(null, "as told"));

    public void Break() => _outcome.SetException(new InvalidOperationException("as told"));

    public void FailUnreachable() => _outcome.SetResult(new(null, "as told", AttemptFailure.Unreachable));

    public void Succeed(string password) => Succeed(password, signed: true);

    public void SucceedUnsigned(string password) => Succeed(password, signed: false);

    private void Succeed(string password, bool signed) =>
        _outcome.SetResult(new(SecretBuffer.CopyOf(Encoding.UTF8.GetBytes(password)), "as told", Signed: signed));
}
