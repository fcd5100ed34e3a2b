using System.Runtime.InteropServices;

namespace Mandos.Core.Linux;

/// <summary>
/// Random bytes of the kernel (getrandom(2)), which waits until its pool is seeded. Early boot uses it in place of
/// System.Security.Cryptography, which would load libssl, and of BouncyCastle's own generator, which links every digest.
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
