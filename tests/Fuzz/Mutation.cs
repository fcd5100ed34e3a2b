namespace Mandos.Fuzz;

/// <summary>Makes new inputs of old ones: flips, cuts, repeats, splices, and numbers that parsers stumble over.</summary>
internal sealed class Mutation(Random random)
{
    private static readonly byte[] Telling = [0, 1, 0x3F, 0x40, 0x7F, 0x80, 0xC0, 0xFE, 0xFF, (byte)'\n', (byte)'%', (byte)'['];

    public byte[] Of(IReadOnlyList<byte[]> seeds)
    {
        var bytes = seeds[random.Next(seeds.Count)].ToList();
        for (var rounds = random.Next(1, 6); rounds > 0; rounds--)
            Change(bytes, seeds);
        return [.. bytes];
    }

    private void Change(List<byte> bytes, IReadOnlyList<byte[]> seeds)
    {
        var at = random.Next(bytes.Count + 1);
        var length = Math.Min(random.Next(1, 17), bytes.Count - at);
        switch (random.Next(8))
        {
            case 0 when at < bytes.Count:
                bytes[at] ^= (byte)(1 << random.Next(8));
                break;
            case 1 when at < bytes.Count:
                bytes[at] = Telling[random.Next(Telling.Length)];
                break;
            case 2 when at < bytes.Count:
                bytes[at] = (byte)random.Next(256);
                break;
            case 3:
                bytes.RemoveRange(at, length);
                break;
            case 4:
                bytes.InsertRange(at, bytes.GetRange(at, length));
                break;
            case 5:
                bytes.RemoveRange(at, bytes.Count - at);
                break;
            case 6:
                var other = seeds[random.Next(seeds.Count)];
                var from = random.Next(other.Length + 1);
                bytes.InsertRange(at, other.Skip(from).Take(random.Next(1, 65)));
                break;
            default:
                bytes.Insert(at, (byte)random.Next(256));
                break;
        }
    }
}
