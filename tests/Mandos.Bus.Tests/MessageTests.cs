using System.Text;
using CsCheck;
using Mandos.Bus.Messages;

namespace Mandos.Bus.Tests;

/// <summary>What is written on one side of a real bus is read on the other.</summary>
public sealed class MessageTests : BusTest
{
    [Fact]
    public async Task Every_type_arrives_as_it_was_sent()
    {
        var got = new List<object>();
        var server = await ConnectAsync((call, r) =>
        {
            Assert.Equal("ybnqiuxtdsogvayas(si)a{sv}aay", r.Signature);
            got.AddRange(
                [r.ReadByte(), r.ReadBoolean(), r.ReadInt16(), r.ReadUInt16(), r.ReadInt32(), r.ReadUInt32(), r.ReadInt64(),
                    r.ReadUInt64()]);
            got.AddRange([r.ReadDouble(), r.ReadString(), r.ReadObjectPath(), r.ReadSignature()]);
            r.EnterVariant();
            got.Add(r.ReadString());
            r.Exit();
            got.Add(Convert.ToHexString(r.ReadBytes(10)));
            r.EnterArray("s");
            while (!r.AtEnd)
                got.Add(r.ReadString());
            r.Exit();
            r.EnterStructure("si");
            got.AddRange([r.ReadString(), r.ReadInt32()]);
            r.Exit();
            r.EnterArray("{sv}");
            while (!r.AtEnd)
            {
                r.EnterEntry("sv");
                got.Add(r.ReadString());
                r.EnterVariant();
                got.Add(r.ReadUInt64());
                r.Exit();
                r.Exit();
            }

            r.Exit();
            r.EnterArray("ay");
            while (!r.AtEnd)
                got.Add(Convert.ToHexString(r.ReadBytes(10)));
            r.Exit();
            Assert.True(r.AtEnd);
            call.Reply();
        });
        var client = await ConnectAsync();
        await client.CallAsync(
            To(server),
            w =>
            {
                w.WriteByte(1);
                w.WriteBoolean(true);
                w.WriteInt16(-3);
                w.WriteUInt16(4);
                w.WriteInt32(-5);
                w.WriteUInt32(6);
                w.WriteInt64(-7);
                w.WriteUInt64(ulong.MaxValue);
                w.WriteDouble(1.5);
                w.WriteString("åäö 😀");
                w.WriteObjectPath("/a/b");
                w.WriteSignature("a{sv}");
                w.OpenVariant("s");
                w.WriteString("inside");
                w.Close();
                w.WriteBytes([1, 2]);
                w.WriteStrings(["x", "y"]);
                w.OpenStructure("si");
                w.WriteString("z");
                w.WriteInt32(9);
                w.Close();
                w.OpenArray("{sv}");
                w.OpenEntry("sv");
                w.WriteString("key");
                w.OpenVariant("t");
                w.WriteUInt64(10);
                w.Close();
                w.Close();
                w.Close();
                w.OpenArray("ay");
                w.WriteBytes([3]);
                w.WriteBytes([]);
                w.Close();
            },
            TimeSpan.FromSeconds(20),
            Token);
        Assert.Equal(
            [
                (byte)1, true, (short)-3, (ushort)4, -5, 6u, -7L, ulong.MaxValue, 1.5, "åäö 😀", "/a/b", "a{sv}", "inside", "0102", "x",
                "y", "z", 9, "key", 10UL, "03", "",
            ],
            got);
    }

    [Fact]
    public async Task Any_text_that_D_Bus_allows_can_be_sent_and_arrives()
    {
        var server = await ConnectAsync((call, r) =>
        {
            var text = r.ReadString();
            call.Reply(w => w.WriteString(text));
        });
        var client = await ConnectAsync();
        await Gen.String[Gen.Char, 0, 40].SampleAsync(
            async text =>
            {
                var echoed = await client.CallAsync(
                    To(server), w => w.WriteString(text), static r => r.ReadString(), TimeSpan.FromSeconds(20), Token);
                Assert.Equal(Carried(text), echoed);
            },
            iter: 500, threads: 1);
        Assert.Equal("a\ufffdb\ufffdc\ufffdd\ufffd", Carried("a\0b\ud800c\ufdd0d\uffff"));

        static string Carried(string text) =>
            string.Concat(
                text.EnumerateRunes().Select(
                    r => r.Value is 0 or (>= 0xfdd0 and <= 0xfdef) || (r.Value & 0xfffe) == 0xfffe ? Rune.ReplacementChar : r));
    }

    [Fact]
    public async Task A_missing_argument_or_one_of_another_type_is_an_invalid_argument()
    {
        var server = await ConnectAsync((call, r) =>
        {
            switch (call.Member)
            {
                case "Number":
                    r.ReadUInt32();
                    break;
                case "None":
                    r.Expect("");
                    break;
                case "Bytes":
                    r.ReadBytes(1);
                    break;
                default:
                    r.EnterArray("s");
                    break;
            }

            call.Reply();
        });
        var client = await ConnectAsync();
        foreach (var member in (string[])["Number", "None", "Bytes", "Array"])
        {
            var error = await Assert.ThrowsAsync<BusException>(
                () => client.CallAsync(To(server, member), w => w.WriteString("text"), TimeSpan.FromSeconds(20), Token));
            Assert.Equal(BusErrors.InvalidArguments, error.Name);
            Assert.NotEqual("", error.Message);
        }
    }

    [Fact]
    public async Task A_secret_is_read_into_locked_memory_up_to_a_limit()
    {
        var server = await ConnectAsync((call, r) =>
        {
            using var secret = r.ReadSecret(3);
            var length = secret.Length;
            call.Reply(w => w.WriteInt32(length));
        });
        var client = await ConnectAsync();
        Assert.Equal(
            3,
            await client.CallAsync(To(server), w => w.WriteBytes([1, 2, 3]), static r => r.ReadInt32(), TimeSpan.FromSeconds(20), Token));
        var error = await Assert.ThrowsAsync<BusException>(
            () => client.CallAsync(To(server), w => w.WriteBytes([1, 2, 3, 4]), TimeSpan.FromSeconds(20), Token));
        Assert.Equal("at most 3 bytes are accepted", error.Message);
    }
}
