using System.Buffers.Binary;
using Mandos.Server.Store;
using Org.BouncyCastle.Crypto.Parameters;

namespace Mandos.Fuzz.Readers;

/// <summary>The file with the number of the last change: whatever is in it, only a number that was sealed comes out.</summary>
internal sealed class LastChangeTarget
{
    private const int PlaceLength = 512;

    private static readonly long[] Numbers = [7, 8];

    private readonly Lazy<StateDirectory> _directory = new(
        () => StateDirectory.Open(Directory.CreateDirectory(Path.Combine(Golden.Root, "artifacts", "fuzz", "state")).FullName));
    private readonly RowSeal _seal = new(new KeyParameter(new byte[32]));

    /// <summary>Both places, in either order, and cut off.</summary>
    internal byte[][] Seeds()
    {
        var places = Numbers.Select(Place).ToArray();
        return [[.. places[0], .. places[1]], [.. places[1], .. places[0]], places[0][..40]];
    }

    internal void Read(byte[] bytes)
    {
        File.WriteAllBytes(_directory.Value.File(LastChange.FileName), bytes);
        if (LastChange.Read(_directory.Value, _seal) is { } number && !Numbers.Contains(number))
            throw new InvalidDataException($"{number} was never sealed");
    }

    private byte[] Place(long number)
    {
        var place = new byte[PlaceLength];
        BinaryPrimitives.WriteInt64LittleEndian(place, number);
        _seal.Of("last change", [number]).CopyTo(place, sizeof(long));
        return place;
    }
}
