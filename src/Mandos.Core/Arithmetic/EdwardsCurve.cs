namespace Mandos.Core.Arithmetic;

/// <summary>The curves ax² + y² = 1 + dx²y² modulo p of Ed25519 and Ed448 (RFC 8032 sections 5.1 and 5.2).</summary>
internal sealed class EdwardsCurve : CurveNumbers
{
    private static EdwardsCurve? _ed25519;
    private static EdwardsCurve? _ed448;

    /// <param name="length">The number of octets of an encoded point.</param>
    /// <param name="isNegative">Whether a is -1 instead of 1.</param>
    /// <param name="numbers">Hex digits of p, d, the generator's coordinates and its order, each of the same length.</param>
    private EdwardsCurve(int length, bool isNegative, string numbers)
        : base(count: 5, numbers) => (Length, IsNegative) = (length, isNegative);

    public static EdwardsCurve Ed25519 => _ed25519 ??= new(
        32, isNegative: true,
        "7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFED" +
        "52036CEE2B6FFE738CC740797779E89800700A4D4141D8AB75EB4DCA135978A3" +
        "216936D3CD6E53FEC0A4E231FDD6DC5C692CC7609525A7B2C9562D608F25D51A" +
        "6666666666666666666666666666666666666666666666666666666666666658" +
        "1000000000000000000000000000000014DEF9DEA2F79CD65812631A5CF5D3ED");

    public static EdwardsCurve Ed448 => _ed448 ??= new(
        57, isNegative: false,
        "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF" +
        "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF6756" +
        "4F1970C66BED0DED221D15A622BF36DA9E146570470F1767EA6DE324A3D3A46412AE1AF72AB66511433B80E18B00938E2626A82BC70CC05E" +
        "693F46716EB6BC248876203756C9C7624BEA73736CA3984087789C1E05A0C2D73AD3FF1CE67C39C4FDBD132C4ED7C8AD9808795BF230FA14" +
        "3FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF7CCA23E9C44EDB49AED63690216CC2728DC58F552378C292AB5844F3");

    /// <summary>The number of octets of an encoded point, of a private key and of half a signature.</summary>
    public int Length { get; }

    public bool IsNegative { get; }

    /// <summary>Multiples of the generator, made by <see cref="EdwardsPoint"/> once in a process; null until then.</summary>
    public ulong[]? Comb { get; set; }

    public ReadOnlySpan<byte> D => Number(1);

    public ReadOnlySpan<byte> GeneratorX => Number(2);

    public ReadOnlySpan<byte> GeneratorY => Number(3);

    public ReadOnlySpan<byte> Order => Number(4);
}
