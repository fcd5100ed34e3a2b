using System.Buffers.Binary;
using System.Text;
using Mandos.Configuration;
using Mandos.Core.Linux;
using Mandos.Core.Secrets;
using Org.BouncyCastle.Crypto.Digests;
using Org.BouncyCastle.Crypto.Macs;
using Org.BouncyCastle.Crypto.Parameters;

namespace Mandos.Server.ClientFiles;

/// <summary>
/// Shows whether a section of a configuration file has changed, without storing its content: a digest with a key that exists only in
/// memory, so that it reveals nothing about a secret. Not thread-safe.
/// </summary>
internal sealed class SectionDigest
{
    private readonly HMac _mac = new(new Sha256Digest());

    /// <summary>Creates a new key.</summary>
    internal SectionDigest()
    {
        Span<byte> key = stackalloc byte[32];
        SystemRandom.Fill(key);
        _mac.Init(new KeyParameter(key));
        SecretBuffer.Wipe(key);
    }

    /// <summary>Returns the digest of the names and values of all options, in order and as written.</summary>
    internal UInt128 Of(ConfigurationDocument document, ConfigurationSection section)
    {
        Span<byte> digest = stackalloc byte[32];
        foreach (var (name, option) in section.Options)
        {
            Add(Encoding.UTF8.GetBytes(name));
            Add(document.ValueOf(option));
        }

        _ = _mac.DoFinal(digest);
        return BinaryPrimitives.ReadUInt128LittleEndian(digest);
    }

    private void Add(ReadOnlySpan<byte> part)
    {
        Span<byte> length = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(length, part.Length);
        _mac.BlockUpdate(length);
        _mac.BlockUpdate(part);
    }
}
