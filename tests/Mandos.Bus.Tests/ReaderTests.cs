using Mandos.Bus.Connections;
using Mandos.Bus.Messages;

namespace Mandos.Bus.Tests;

/// <summary>What a caller is answered whose arguments are not what a method reads.</summary>
public sealed class ReaderTests : BusTest
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(1);

    /// <summary>Reads one way; the answer is what was read, as text.</summary>
    private delegate object Reading(BusReader reader);

    private static readonly Dictionary<string, Reading> Readings = new()
    {
        ["y"] = r => r.ReadByte(),
        ["b"] = r => r.ReadBoolean(),
        ["n"] = r => r.ReadInt16(),
        ["q"] = r => r.ReadUInt16(),
        ["i"] = r => r.ReadInt32(),
        ["u"] = r => r.ReadUInt32(),
        ["x"] = r => r.ReadInt64(),
        ["t"] = r => r.ReadUInt64(),
        ["d"] = r => r.ReadDouble(),
        ["s"] = r => r.ReadString(),
        ["o"] = r => r.ReadObjectPath(),
        ["g"] = r => r.ReadSignature(),
        ["ay"] = r => Convert.ToHexString(r.ReadBytes(4)),
    };

    public static TheoryData<string> Types => [.. Readings.Keys];

    [Theory, MemberData(nameof(Types))]
    public async Task A_value_of_the_wrong_type_is_an_invalid_argument(string type)
    {
        var server = await ServeAsync(r => Readings[type](r));
        var client = await ConnectAsync();
        // A structure is none of them.
        var error = await RefusedAsync(client, server, w =>
        {
            w.OpenStructure("i");
            w.WriteInt32(1);
            w.Close();
        });
        Assert.Equal((BusErrors.InvalidArguments, $"type '{type}' is expected, not '(i)'"), (error.Name, error.Message));
    }

    [Theory, MemberData(nameof(Types))]
    public async Task A_missing_value_is_an_invalid_argument(string type)
    {
        var server = await ServeAsync(r => Readings[type](r));
        var error = await RefusedAsync(await ConnectAsync(), server, null);
        Assert.Equal(BusErrors.InvalidArguments, error.Name);
        Assert.Equal(type == "ay" ? "type 'ay' is expected, not ''" : "there is less data than expected", error.Message);
    }

    [Fact]
    public async Task The_expected_types_are_in_the_error()
    {
        var server = await ServeAsync(r =>
        {
            r.Expect("si");
            return "";
        });
        var client = await ConnectAsync();
        Assert.Equal(
            "arguments of types 'si' are expected, not 's'", (await RefusedAsync(client, server, w => w.WriteString("a"))).Message);
        Assert.Equal("arguments of types 'si' are expected, not ''", (await RefusedAsync(client, server, null)).Message);
        await CallAsync(client, server, w =>
        {
            w.WriteString("a");
            w.WriteInt32(1);
        });
    }

    [Fact]
    public async Task Arguments_where_none_are_expected_are_refused()
    {
        var server = await ServeAsync(r =>
        {
            r.Expect("");
            return "";
        });
        var client = await ConnectAsync();
        Assert.Equal("no arguments are expected, got 'b'", (await RefusedAsync(client, server, w => w.WriteBoolean(true))).Message);
        await CallAsync(client, server, null);
    }

    [Fact]
    public async Task A_container_of_another_type_is_an_invalid_argument_and_both_types_are_reported()
    {
        var server = await ServeAsync(r =>
        {
            r.EnterArray("s");
            return "";
        });
        var client = await ConnectAsync();
        var error = await RefusedAsync(client, server, w =>
        {
            w.OpenArray("i");
            w.Close();
        });
        Assert.Equal("type 'a' of 's' is expected, not 'a' of 'i'", error.Message);
        Assert.Equal("type 'a' of 's' is expected, not 's' of ''", (await RefusedAsync(client, server, w => w.WriteString("a"))).Message);
        Assert.Equal("there is less data than expected", (await RefusedAsync(client, server, null)).Message);
    }

    [Fact]
    public async Task A_container_can_be_exited_only_when_all_of_it_was_read()
    {
        var server = await ServeAsync(r =>
        {
            r.EnterArray("s");
            _ = r.ReadString();
            r.Exit();
            return "";
        });
        var client = await ConnectAsync();
        await CallAsync(client, server, w => w.WriteStrings(["one"]));
        Assert.Equal("there is more data than expected", (await RefusedAsync(client, server, w => w.WriteStrings(["one", "two"]))).Message);
        Assert.Equal("there is less data than expected", (await RefusedAsync(client, server, w => w.WriteStrings([]))).Message);
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(4, true)]
    [InlineData(5, false)]
    public async Task Bytes_are_accepted_up_to_the_limit(int count, bool isTaken)
    {
        var server = await ServeAsync(r => Readings["ay"](r));
        var client = await ConnectAsync();
        if (isTaken)
            Assert.Equal(new string('0', 2 * count), await CallAsync(client, server, w => w.WriteBytes(new byte[count])));
        else
            Assert.Equal("at most 4 bytes are accepted", (await RefusedAsync(client, server, w => w.WriteBytes(new byte[count]))).Message);
    }

    [Fact]
    public async Task Strings_and_byte_arrays_are_counted_before_they_are_copied()
    {
        var server = await ServeAsync(r =>
        {
            var held = new List<int>();
            r = r.Holding(bytes =>
            {
                if (bytes > 1000)
                    throw new BusException(BusErrors.LimitsExceeded, "too much");
                held.Add(bytes);
            });
            _ = (r.ReadUInt64(), r.ReadString(), r.ReadBytes(1000));
            return string.Join(' ', held);
        });
        var client = await ConnectAsync();
        // The message, and two bytes for each character; the message, and a copy.
        Assert.Equal("30 14", await CallAsync(client, server, w => Write(w, new('x', 10), new byte[7])));
        Assert.Equal("too much", (await RefusedAsync(client, server, w => Write(w, new('x', 334), []))).Message);
        Assert.Equal("too much", (await RefusedAsync(client, server, w => Write(w, "", new byte[501]))).Message);

        static void Write(BusWriter writer, string text, byte[] bytes)
        {
            writer.WriteUInt64(1);
            writer.WriteString(text);
            writer.WriteBytes(bytes);
        }
    }

    [Fact]
    public async Task Values_of_any_type_can_be_skipped()
    {
        var server = await ServeAsync(r =>
        {
            var types = "";
            for (; r.NextType != '\0' && r.NextType != 's'; r.Skip())
                types += r.NextType + (r.NextContents.Length > 0 ? $"[{r.NextContents}]" : "");
            return $"{types} {r.ReadString()}";
        });
        var client = await ConnectAsync();
        var told = await CallAsync(client, server, w =>
        {
            w.WriteUInt64(1);
            w.OpenStructure("ib");
            w.WriteInt32(2);
            w.WriteBoolean(false);
            w.Close();
            w.OpenArray("{su}");
            w.OpenEntry("su");
            w.WriteString("key");
            w.WriteUInt32(3);
            w.Close();
            w.Close();
            w.OpenVariant("ay");
            w.WriteBytes([4]);
            w.Close();
            w.WriteString("the end");
        });
        Assert.Equal("tr[ib]a[{su}]v[ay] the end", told);
    }

    [Fact]
    public async Task A_value_of_known_types_is_skipped()
    {
        var server = await ServeAsync(r =>
        {
            r.Skip("is");
            return r.ReadDouble();
        });
        Assert.Equal("2.5", await CallAsync(await ConnectAsync(), server, w =>
        {
            w.WriteInt32(1);
            w.WriteString("a");
            w.WriteDouble(2.5);
        }));
    }

    private Task<BusConnection> ServeAsync(Reading reading) => ConnectAsync((call, r) =>
    {
        var read = FormattableString.Invariant($"{reading(r)}");
        call.Reply(w => w.WriteString(read));
    });

    private static Task<string> CallAsync(BusConnection client, BusConnection server, BusBody? body) =>
        client.CallAsync(To(server), body, static r => r.ReadString(), Long, Token);

    private static Task<BusException> RefusedAsync(BusConnection client, BusConnection server, BusBody? body) =>
        Assert.ThrowsAsync<BusException>(() => CallAsync(client, server, body));
}
