namespace Mandos.Core.Linux.FileDescriptors;

/// <summary>Waits for descriptors on behalf of many. An interface, so that programs which wait for few need not link it.</summary>
public interface IReadinessWatch
{
    /// <summary>Completes when the descriptor can be read or is at its end; nothing is read. One wait at a time for a descriptor.</summary>
    /// <exception cref="InvalidOperationException">It cannot be waited for (EBADF, EEXIST, ENOSPC…).</exception>
    Task WaitAsync(int descriptor, CancellationToken cancellationToken);
}
