using System.Globalization;
using System.Text;

namespace Mandos.Keygen.Tests.Images;

/// <summary>Writes an archive of the "new" format of cpio.</summary>
internal sealed class CpioWriter
{
    private readonly MemoryStream _stream = new();
    private uint _inode;

    /// <summary>Adds a file; <paramref name="links"/> and <paramref name="inode"/> are for one with several names.</summary>
    public void Add(string path, uint mode, byte[] content, uint owner = 0, uint links = 1, uint? inode = null)
    {
        byte[] name = [.. Encoding.UTF8.GetBytes(path), 0];
        uint[] fields =
            [inode ?? ++_inode, mode, owner, 0, links, 1_700_000_000, (uint)content.Length, 0, 1, 0, 0, (uint)name.Length, 0];
        var digits = fields.Select(field => field.ToString("x8", CultureInfo.InvariantCulture));
        Write(Encoding.ASCII.GetBytes("070701" + string.Concat(digits)));
        Write(name);
        Pad(4);
        Write(content);
        Pad(4);
    }

    /// <summary>The archive with its trailer, padded as cpio(1) does.</summary>
    public byte[] Finish()
    {
        Add("TRAILER!!!", 0, []);
        Pad(512);
        return _stream.ToArray();
    }

    private void Write(ReadOnlySpan<byte> bytes) => _stream.Write(bytes);

    private void Pad(int unit)
    {
        while (_stream.Length % unit != 0)
            _stream.WriteByte(0);
    }
}
