using System.Globalization;
using CsCheck;
using Mandos.Bus.Messages;

namespace Mandos.Server.Tests.Bus;

/// <summary>Arguments of generated types, and values of them.</summary>
/// <param name="Signature">Their types.</param>
/// <param name="Seed">Makes the values.</param>
internal sealed record AnyArguments(string Signature, uint Seed)
{
    private const string Letters = "ybnqiuxtdsog";

    private static readonly Gen<string> Basic = Gen.Int[0, Letters.Length - 1].Select(i => Letters[i].ToString());

    private static readonly string[] Texts =
        ["", "DEBUG", "localhost", "Timeout", "dotnet.Mandos.Server", "se.recompile.Mandos.Client", "ö\u2028\U0001f511", "%(host)s\n'\"$(",
            new('x', 3000), new('f', 64)];
    private static readonly string[] Paths = ["/", "/a", "/clients", "/clients/missing", "/clients/_2f"];
    private static readonly ulong[] Numbers =
        [0, 1, 2, 1000, 0x7f, 0x80, 0x7fff, 0xffff, int.MaxValue, uint.MaxValue, 922337203685477, 922337203685478, long.MaxValue, 1UL << 63,
            ulong.MaxValue];

    /// <summary>One complete type, with containers in containers.</summary>
    internal static Gen<string> Type(int depth) => depth == 0
        ? Basic
        : Gen.Frequency(
            (8, Basic),
            (2, Gen.Const("v")),
            (2, Type(depth - 1).Select(t => $"a{t}")),
            (1, Gen.Select(Basic, Type(depth - 1)).Select(t => $"a{{{t.Item1}{t.Item2}}}")),
            (1, Type(depth - 1).Array[1, 3].Select(t => $"({string.Concat(t)})")));

    /// <summary>Arguments that a method has, or others.</summary>
    internal static Gen<AnyArguments> For(string expected) =>
        Gen.Select(
            Gen.Frequency((2, Gen.Const(expected)), (1, Type(2).Select(t => expected + t)), (2, Type(3).Array[0, 4].Select(string.Concat))),
            Gen.UInt)
            .Select(x => new AnyArguments(x.Item1, x.Item2));

    /// <summary>A variant with anything in it.</summary>
    internal static Gen<AnyArguments> Value { get; } = Gen.Select(
        Gen.Frequency((3, Basic), (1, Gen.Const("ay")), (1, Type(3))), Gen.UInt).Select(x => new AnyArguments(x.Item1, x.Item2));

    /// <summary>Writes them; the same each time.</summary>
    internal void Write(BusWriter writer)
    {
        var random = new Random((int)Seed);
        for (var at = 0; at < Signature.Length;)
            WriteOne(writer, Signature, ref at, random, 0);
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"'{Signature}' {Seed}");

    private static void WriteOne(BusWriter writer, string signature, ref int at, Random random, int depth)
    {
        var began = at;
        at = End(signature, at);
        var number = Numbers[random.Next(Numbers.Length)];
        switch (signature[began])
        {
            case 'y':
                writer.WriteByte((byte)number);
                break;
            case 'b':
                writer.WriteBoolean((number & 1) != 0);
                break;
            case 'n':
                writer.WriteInt16((short)number);
                break;
            case 'q':
                writer.WriteUInt16((ushort)number);
                break;
            case 'i':
                writer.WriteInt32((int)number);
                break;
            case 'u':
                writer.WriteUInt32((uint)number);
                break;
            case 'x':
                writer.WriteInt64((long)number);
                break;
            case 't':
                writer.WriteUInt64(number);
                break;
            case 'd':
                writer.WriteDouble(BitConverter.UInt64BitsToDouble(number));
                break;
            case 's':
                writer.WriteString(Texts[random.Next(Texts.Length)]);
                break;
            case 'o':
                writer.WriteObjectPath(Paths[random.Next(Paths.Length)]);
                break;
            case 'g':
                writer.WriteSignature("a{sv}");
                break;
            case 'v':
                var inner = depth > 6 ? "y" : ((string[])["t", "s", "b", "ay", "v", "a{sv}", "(ss)"])[random.Next(7)];
                writer.OpenVariant(inner);
                WriteAll(writer, inner, random, depth + 1);
                writer.Close();
                break;
            case '(':
                writer.OpenStructure(signature[(began + 1)..(at - 1)]);
                WriteAll(writer, signature[(began + 1)..(at - 1)], random, depth + 1);
                writer.Close();
                break;
            default:
                WriteArray(writer, signature[(began + 1)..at], random, depth);
                break;
        }
    }

    private static void WriteArray(BusWriter writer, string element, Random random, int depth)
    {
        writer.OpenArray(element);
        for (var count = random.Next(4); count > 0; count--)
        {
            if (element[0] != '{')
            {
                WriteAll(writer, element, random, depth + 1);
                continue;
            }

            writer.OpenEntry(element[1..^1]);
            WriteAll(writer, element[1..^1], random, depth + 1);
            writer.Close();
        }

        writer.Close();
    }

    private static void WriteAll(BusWriter writer, string signature, Random random, int depth)
    {
        for (var at = 0; at < signature.Length;)
            WriteOne(writer, signature, ref at, random, depth);
    }

    /// <summary>Behind the complete type that begins here.</summary>
    private static int End(string signature, int at)
    {
        if (signature[at] == 'a')
            return End(signature, at + 1);
        if (signature[at] is not ('(' or '{'))
            return at + 1;
        for (at++; signature[at] is not (')' or '}');)
            at = End(signature, at);
        return at + 1;
    }
}
