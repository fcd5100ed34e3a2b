using System.Buffers.Binary;
using System.Text;
using Mandos.Core.Linux;
using Mandos.Core.Secrets;
using Mandos.Server.Configuration;
using Org.BouncyCastle.Crypto.Digests;
using Org.BouncyCastle.Crypto.Macs;
using Org.BouncyCastle.Crypto.Parameters;

namespace Mandos.Server.ClientFiles;

/// <summary>
/// Shows whether a section of a configuration file says what it said before, without keeping what it says: a digest with a key
/// that lasts as long as the process, so that it tells nothing about a secret.
/// </summary>
internal static class SectionDigest
{
    private static readonly Lock Gate = new();
    private static readonly HMac Mac = WithNewKey();

    /// <summary>Of the names and the values of all options, in their order, as they are written.</summary>
    internal static UInt128 Of(ConfigurationDocument document, ConfigurationSection section)
    {
        Span<byte> digest = stackalloc byte[32];
        lock (Gate)
        {
            foreach (var (name, option) in section.Options)
            {
                Add(Encoding.UTF8.GetBytes(name));
                Add(document.ValueOf(option));
            }

            _ = Mac.DoFinal(digest);
        }

        return BinaryPrimitives.ReadUInt128LittleEndian(digest);
    }

    private static void Add(ReadOnlySpan<byte> part)
    {
        Span<byte> length = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(length, part.Length);
        Mac.BlockUpdate(length);
        Mac.BlockUpdate(part);
    }

    private static HMac WithNewKey()
    {
        Span<byte> key = stackalloc byte[32];
        SystemRandom.Fill(key);
        var mac = new HMac(new Sha256Digest());
        mac.Init(new KeyParameter(key));
        SecretBuffer.Wipe(key);
        return mac;
    }
}
