using System.Text;
using Mandos.Core.Linux;
using Mandos.Core.Secrets;
using Mandos.Server.Clients;
using Org.BouncyCastle.Crypto.Digests;
using Org.BouncyCastle.Crypto.Macs;
using Org.BouncyCastle.Crypto.Parameters;

namespace Mandos.Server.Store;

/// <summary>
/// The key that encrypts secrets at rest: 32 random bytes in a file of their own, so that a copy of the store alone reveals no secret. Each
/// use has its own key, derived by HMAC-SHA256.
/// </summary>
internal sealed class StoreKey
{
    internal const string FileName = "store.key";
    private const string NewFileName = "store.key.new";
    private const int Length = 32;

    private readonly HMac _digests;

    private StoreKey(ReadOnlySpan<byte> key)
    {
        Encryption = Derive(key, "encryption of secrets");
        Rows = new RowSeal(Derive(key, "seal of rows"));
        _digests = new HMac(new Sha256Digest());
        _digests.Init(Derive(key, "digest of secrets"));
        Check = Derive(key, "name of the key").GetKey();
    }

    /// <summary>The key for <see cref="SecretSeal"/>.</summary>
    internal KeyParameter Encryption { get; }

    /// <summary>The seal that proves that we wrote a row.</summary>
    internal RowSeal Rows { get; }

    /// <summary>A value that identifies this key and reveals nothing else about it.</summary>
    internal byte[] Check { get; }

    /// <summary>Reads the key of a directory; null if it has none.</summary>
    internal static StoreKey? Read(StateDirectory directory)
    {
        var path = directory.File(FileName);
        try
        {
            if (!directory.Holds(FileName))
                return null;
            directory.KeepToOwner(FileName);
            using var file = File.OpenHandle(path);
            using var key = new SecretBuffer(Length + 1);
            key.Advance(RandomAccess.Read(file, key.Free[..(Length + 1)], 0));
            return key.Length == Length
                ? new StoreKey(key.Span)
                : throw new StoreException($"{path} is damaged: it does not have {Length} bytes", LossHint(directory));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw StoreFailure.Of(e, path);
        }
    }

    /// <summary>Generates a key without writing it; the caller disposes <paramref name="bytes"/>.</summary>
    internal static StoreKey Draw(out SecretBuffer bytes)
    {
        bytes = new SecretBuffer(Length);
        bytes.SetLength(Length);
        SystemRandom.Fill(bytes.Span);
        return new StoreKey(bytes.Span);
    }

    /// <summary>Creates a key in a directory; durable when this returns.</summary>
    /// <param name="directory">The directory.</param>
    /// <param name="drawn">A key that was generated before, if any.</param>
    internal static StoreKey Create(StateDirectory directory, SecretBuffer? drawn = null)
    {
        SecretBuffer? own = null;
        if (drawn is null)
            _ = Draw(out own);
        using var disposing = own;
        var key = drawn ?? own!;
        // The stream must not have a buffer of its own.
        using (var file = directory.CreateNew(NewFileName))
        {
            RandomAccess.Write(file.SafeFileHandle, key.Span, 0);
            file.Flush(flushToDisk: true);
        }

        directory.Rename(NewFileName, FileName);
        return new StoreKey(key.Span);
    }

    /// <summary>What to do if the right key is missing.</summary>
    internal static string LossHint(StateDirectory directory) =>
        $"restore {directory.File(FileName)} from a backup, or move it, {directory.File(SqliteClientStore.FileName)}, "
            + $"{directory.File(SqliteClientStore.LogFileName)} and {directory.File(LastChange.FileName)} away: "
                + $"{StoreFailure.WithoutStore(directory.Path)}";

    /// <summary>
    /// Returns a digest of a client's secret. Only holders of the key can use it to find out whether another secret is the same.
    /// </summary>
    internal string Digest(string client, ClientSecret secret)
    {
        var name = Encoding.UTF8.GetBytes(client);
        Span<byte> digest = stackalloc byte[32];
        // A reload may call this on another thread than the one that saves.
        lock (_digests)
        {
            _digests.BlockUpdate(name);
            _digests.Update(0xFF);
            _digests.BlockUpdate(secret.Memory.Span);
            _ = _digests.DoFinal(digest);
        }

        return Convert.ToHexStringLower(digest);
    }

    private static KeyParameter Derive(ReadOnlySpan<byte> key, string use)
    {
        var mac = new HMac(new Sha256Digest());
        mac.Init(new KeyParameter(key));
        mac.BlockUpdate(Encoding.ASCII.GetBytes($"mandos store: {use}"));
        Span<byte> derived = stackalloc byte[32];
        _ = mac.DoFinal(derived);
        var parameter = new KeyParameter(derived);
        SecretBuffer.Wipe(derived);
        return parameter;
    }
}
