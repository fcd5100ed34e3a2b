using System.Security.Cryptography;

namespace Mandos.Boot.Guests;

/// <summary>The keys of the guests: the same in every run, so that an initramfs with them can be cached. Test keys only.</summary>
internal static class GuestKeys
{
    /// <summary>Curve25519, by our mandos-keygen.</summary>
    public static async Task<KeySet> OfOursAsync(Laboratory laboratory)
    {
        var program = await File.ReadAllBytesAsync(Path.Combine(PublishedPrograms.Folder, "mandos-keygen"), laboratory.Token);
        var folder = await Cache.GetAsync("keys-ours", Convert.ToHexString(SHA256.HashData(program)), MakeAsync, laboratory.Token);
        return new(Implementation.Ours, KeySet.Names.ToDictionary(n => n, n => File.ReadAllBytes(Path.Combine(folder, n))));

        async Task MakeAsync(string target)
        {
            var machine = await laboratory.MachineAsync("keygen", DebianRelease.Bookworm);
            var keys = await KeySet.OfOursAsync(machine, laboratory.Token);
            Directory.CreateDirectory(target);
            foreach (var (name, content) in keys.Files)
                await File.WriteAllBytesAsync(Path.Combine(target, name), content, laboratory.Token);
        }
    }
}
