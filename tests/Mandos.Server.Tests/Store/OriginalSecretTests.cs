using System.Diagnostics;
using Mandos.Server.Store.Import;

namespace Mandos.Server.Tests.Store;

/// <summary>Secrets in the original's saved state, with gpg.</summary>
public sealed class OriginalSecretTests : IDisposable
{
    private readonly TestStore _test = new();

    public void Dispose() => _test.Dispose();

    [Theory]
    [InlineData(1021)]
    [InlineData(1022)]
    [InlineData(3000)]
    public void A_secret_encrypted_by_gpg_is_decrypted(int length)
    {
        // 1,021 bytes are the most whose passphrase is hexadecimal.
        var secret = Enumerable.Range(0, length).Select(i => (byte)(i * 7)).ToArray();
        var message = Gpg(OriginalSecret.Passphrase(secret), "at run time"u8.ToArray());
        using var opened = OriginalSecret.Open(message, secret);
        Assert.Equal("at run time"u8, opened!.Span);
        secret[5]++;
        Assert.Null(OriginalSecret.Open(message, secret));
        message[^3] ^= 1;
        secret[5]--;
        Assert.Null(OriginalSecret.Open(message, secret));
    }

    [Fact]
    public void A_key_derivation_that_needs_too_much_memory_is_not_attempted()
    {
        // Argon2 (RFC 9580, section 3.7.1.4) with 2^21 kibibytes, 1 pass and 1 lane, in a message that is whole otherwise.
        byte[] session = [4, 9, 4, .. new byte[16], 1, 1, 21];
        byte[] message = [0xC3, (byte)session.Length, .. session, 0xD2, 60, 1, .. new byte[59]];
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Null(OriginalSecret.Open(message, "secret"u8));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 10 << 20);
    }

    [Fact]
    public void The_passphrase_matches_the_originals()
    {
        Assert.Equal("mandos00ff5c"u8, OriginalSecret.Passphrase([0, 0xFF, (byte)'\\']));
        Assert.Equal([.. "mandos"u8, .. @"\\"u8, .. @"\n"u8, .. @"\x00"u8, 0xFF, .. new byte[1100].Select(_ => (byte)'a')],
            OriginalSecret.Passphrase([(byte)'\\', (byte)'\n', 0, 0xFF, .. new byte[1100].Select(_ => (byte)'a')]));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(500)]
    [InlineData(3000)]
    [InlineData(70_000)]
    public void A_secret_is_encrypted_so_that_gpg_can_decrypt_it(int length)
    {
        var secret = Enumerable.Range(0, length).Select(i => (byte)(i * 7)).ToArray();
        // A passphrase of more than a few kilobytes gpg would cut.
        var configured = secret[..Math.Min(length, 500)];
        var message = OriginalSecret.Seal(secret, configured);
        using var opened = OriginalSecret.Open(message, configured);
        Assert.Equal(secret, opened!.Span);
        Assert.Equal(secret, Gpg(OriginalSecret.Passphrase(configured), message, "--decrypt"));
        Assert.Null(OriginalSecret.Open(OriginalSecret.Seal(secret, []), configured));
    }

    private byte[] Gpg(byte[] passphrase, byte[] input, params string[] work)
    {
        File.WriteAllBytes(_test.File("passphrase"), passphrase);
        File.WriteAllBytes(_test.File("input"), input);
        if (work is [])
            work = ["--s2k-count", "65536", "--symmetric"];
        try
        {
            using var gpg = Process.Start(new ProcessStartInfo("gpg",
                ["--homedir", _test.Folder, "--batch", "--quiet", "--no-permission-warning", "--pinentry-mode", "loopback",
                    "--passphrase-file", _test.File("passphrase"), "-o", _test.File("output"), .. work, _test.File("input")]))!;
            gpg.WaitForExit();
            Assert.Equal(0, gpg.ExitCode);
            using var stop = Process.Start("gpgconf", ["--homedir", _test.Folder, "--kill", "all"]);
            stop.WaitForExit();
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Fail("needs gpg: 'make need-check' installs it");
        }

        return File.ReadAllBytes(_test.File("output"));
    }
}
