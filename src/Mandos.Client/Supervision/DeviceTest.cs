using Mandos.Client.Hosting;
using Mandos.Core.Linux;
using Mandos.Core.Linux.FileDescriptors;
using Mandos.Core.Linux.Processes;
using Mandos.Core.Secrets;

namespace Mandos.Client.Supervision;

/// <summary>Tests with cryptsetup(8) whether a password opens an encrypted device. Nothing is opened.</summary>
internal sealed class DeviceTest
{
    // Key derivation takes seconds on a slow machine.
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(1);
    private const int WriteMilliseconds = 10_000;
    private const int WrongPassword = 2;

    /// <summary>The possible paths of cryptsetup.</summary>
    internal IReadOnlyList<string> Programs { get; init; } =
        ["/usr/sbin/cryptsetup", "/sbin/cryptsetup", "/usr/bin/cryptsetup", "/usr/local/sbin/cryptsetup"];

    /// <summary>Whether the password opens the device; prints the result.</summary>
    /// <param name="device">The path of the device or of a file with its header.</param>
    /// <param name="password">The password, which cryptsetup reads to its end, without a line break added or removed.</param>
    /// <param name="messages">Prints the result.</param>
    /// <param name="errors">The descriptor for messages of cryptsetup.</param>
    /// <param name="stop">Ends the test.</param>
    internal async Task<bool> OpensAsync(
        string device, SecretBuffer password, Messages messages, int errors, CancellationToken stop)
    {
        using var limit = new CancellationTokenSource(Limit);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, stop);
        var error = Descriptor.Pipe(out var input, out var target);
        ChildProcess? child = null;
        using (target)
        {
            using (input)
            {
                if (error.Ok)
                    error = Start(device, input, errors, out child);
            }

            if (child is null)
            {
                messages.Error($"{device}: cannot run cryptsetup: {error}", "install the package cryptsetup-bin");
                return false;
            }

            // cryptsetup may exit without reading it, for example if there is no such device.
            _ = DescriptorIo.WriteAll(target.Number, password.Span, WriteMilliseconds, either.Token, out _);
        }

        using (child)
        {
            try
            {
                return Judge(await child.WaitAsync(either.Token), device, messages);
            }
            catch (OperationCanceledException)
            {
                await child.EndAsync(Grace, TimeProvider.System);
                stop.ThrowIfCancellationRequested();
                messages.Error($"{device}: cryptsetup did not end within {Limit.TotalMinutes} minutes");
                return false;
            }
        }
    }

    private static bool Judge(ChildExit exit, string device, Messages messages)
    {
        if (exit.Success)
            messages.Notice($"{device}: the password opens it");
        else if (exit.ExitCode == WrongPassword)
            messages.Error($"{device}: the password does not open it", "renew the client's secret on the server: mandos-keygen --password");
        else
            messages.Error($"{device}: cannot be tested: cryptsetup: {exit}");
        return exit.Success;
    }

    private Errno Start(string device, Descriptor input, int errors, out ChildProcess? child)
    {
        child = null;
        var error = Errno.None;
        foreach (var program in Programs)
        {
            var command = new ChildCommand
            {
                Path = program,
                Arguments = ["cryptsetup", "open", "--test-passphrase", "--batch-mode", "--key-file=-", "--", device],
                Environment = ["PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C"],
                Descriptors = [new(input.Number, 0), new(errors, 1), new(errors, 2)],
                NewProcessGroup = true,
            };
            if (ChildProcess.TryStart(command, out child, out error))
                return Errno.None;
        }

        return error;
    }
}
