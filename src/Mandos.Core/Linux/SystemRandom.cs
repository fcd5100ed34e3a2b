using System.Runtime.InteropServices;

namespace Mandos.Core.Linux;

/// <summary>
/// The kernel's random bytes (getrandom(2)), which blocks until its pool is seeded. Early boot uses it instead of
/// System.Security.Cryptography, which would load libssl, and BouncyCastle's own generator, which links every digest.
/// </summary>
public static unsafe partial class SystemRandom
{
    /// <summary>Fills <paramref name="bytes"/> with unpredictable bytes.</summary>
    /// <exception cref="InvalidOperationException">The kernel has no getrandom(2) (older than 3.17) or a filter forbids it.</exception>
    public static void Fill(Span<byte> bytes)
    {
        fixed (byte* start = bytes)
        {
            for (var done = 0; done < bytes.Length;)
            {
                var got = GetRandom(start + done, (nuint)(bytes.Length - done), 0);
                if (got > 0)
                    done += (int)got;
                else if (Errno.Last.Code != LibC.EINTR)
                    throw new InvalidOperationException($"no random bytes from the kernel: {Errno.Last}");
            }
        }
    }

    [LibraryImport(LibC.Name, EntryPoint = "getrandom", SetLastError = true)]
    private static partial nint GetRandom(byte* buffer, nuint length, uint flags);
}
