using System.Text;
using CsCheck;
using Mandos.Server.Store.Import;

namespace Mandos.Server.Tests.Store;

/// <summary>The reader of pickles: what the original writes, and nothing else.</summary>
public sealed class PickleReaderTests
{
    private static readonly byte[] Sample = Golden.Bytes("clients.pickle.sample");

    private const string Telling = "NK(}])tuesaR.qh\u0085\u0086\u0087\u0088X";

    private static byte[] Pickle(string latin1) => Encoding.Latin1.GetBytes(latin1);

    private static string Refusal(byte[] pickle, PickleLimits? limits = null) =>
        Assert.Throws<PickleException>(() => PickleReader.Read(pickle, limits)).Message;

    [Fact]
    public void The_recorded_state_is_read()
    {
        var state = OriginalState.Parse(Sample);
        Assert.Equal(["b-1.example.org", "testclient"], state.Clients.Keys.Order());
        Assert.Equal(["b-1.example.org", "testclient"], state.Configured.Keys.Order());
        var client = state.Clients["testclient"];
        Assert.False(client.Enabled());
        Assert.Equal("d99df7b54a7ed79e5e57cdd9c0461686b1f30e43c8edc1f4d248eceb49fcfb23", client.Key().ToString());
        Assert.Equal("5FA24BC9E7575BFAE91D7F669ECC09FF3C8A64F1", client.Fingerprint());
        Assert.Equal(new DateTime(2026, 11, 23, 7, 37, 4, DateTimeKind.Utc).AddTicks(40905 * 10), client.Instant("created"));
        Assert.Null(client.Instant("expires"));
        Assert.Equal(-2, client.Number("last_checker_status"));
        var settings = client.Settings(new());
        Assert.Equal(
            (TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(15), TimeSpan.FromMinutes(2)),
            (settings.Timeout.Value, settings.ExtendedTimeout.Value, settings.Interval.Value));
        Assert.Equal(
            (TimeSpan.Zero, TimeSpan.FromSeconds(1), true),
            (settings.ApprovalDelay.Value, settings.ApprovalDuration.Value, settings.ApprovedByDefault));
        Assert.True(state.Clients["b-1.example.org"].Enabled());
        Assert.Equal(
            new DateTime(2026, 11, 23, 7, 39, 22, DateTimeKind.Utc).AddTicks(303_048 * 10),
            state.Clients["b-1.example.org"].Instant("expires"));
    }

    [Theory]
    [InlineData("\u0080\u0002N.", null)]
    [InlineData("\u0080\u0002\u0088.", true)]
    [InlineData("\u0080\u0002J\u00fe\u00ff\u00ff\u00ff.", -2L)]
    [InlineData("\u0080\u0002M\u0001\u0002.", 513L)]
    [InlineData("\u0080\u0002\u008a\u0005\u0000\u0000\u0000\u0000\u00ff.", -4294967296L)]
    [InlineData("\u0080\u0002\u008a\u0000.", 0L)]
    [InlineData("\u0080\u0002X\u0002\u0000\u0000\u0000\u00c3\u00a5r\u0000\u0001\u0000\u0000j\u0000\u0001\u0000\u0000\u0086\u0085.", "*")]
    public void Plain_values_are_read(string pickle, object? value)
    {
        var read = PickleReader.Read(Pickle(pickle));
        if (value is "*")
            Assert.Equal(new object?[] { new object?[] { "å", "å" } }, read);
        else
            Assert.Equal(value, read);
    }

    [Theory]
    [InlineData("", "it is truncated")]
    [InlineData("\u0080\u0002", "it is truncated")]
    [InlineData("\u0080\u0004N.", "its protocol is not 2")]
    [InlineData("cos\nsystem\n(X\u0002\u0000\u0000\u0000idtR.", "it calls 'os.system', which the original does not (at byte 0)")]
    [InlineData("cbuiltins\neval\n.", "it calls 'builtins.eval'")]
    [InlineData("cdatetime\ndatetime.__class__\n.", "it calls 'datetime.datetime.__class__'")]
    [InlineData("(ios\nsystem\n.", "0x69")]
    [InlineData("\u0080\u0002N\u0081.", "0x81")]
    [InlineData("}N}b.", "0x62")]
    [InlineData("\u0082\u0001.", "0x82")]
    [InlineData("Pid\n.", "0x50")]
    [InlineData("\u008c\u0001a.", "0x8c")]
    [InlineData("NN.", "it ends in the middle of a value")]
    [InlineData("(.", "it ends in the middle of a value")]
    [InlineData("N.N", "there is data after its end")]
    [InlineData("h\u0000.", "it refers to a value that does not exist")]
    [InlineData("q\u0000.", "a value is missing")]
    [InlineData("N(\u0085.", "a value is missing")]
    [InlineData("(N(R.", "a value is missing")]
    [InlineData("t.", "a mark is missing")]
    [InlineData("N(Ne.", "it appends to a value that is not a list")]
    [InlineData("](NNu.", "it adds to a value that is not a dictionary")]
    [InlineData("}(Nu.", "it adds to a value that is not a dictionary")]
    [InlineData("}NNs.", "it has a key that is not a string")]
    [InlineData("}}Ns.", "it has a key that is not a string")]
    [InlineData("X\u00ff\u00ff\u00ff\u00ffa.", "it has a string that is too long")]
    [InlineData("X\u0005\u0000\u0000\u0000a.", "it is truncated")]
    [InlineData("X\u0001\u0000\u0000\u0000\u00ff.", "it has a string that is not UTF-8")]
    [InlineData("\u008a\u0009aaaaaaaaa.", "it has a number that is too large")]
    [InlineData("cdatetime\ntimedelta\nNNN\u0087R.", "calls a function with the wrong arguments")]
    [InlineData("N)R.", "calls a function with the wrong arguments")]
    [InlineData("cdatetime\ntimedelta\n\u008a\u0008aaaaaaaaK\u0000K\u0000\u0087R.", "it has a duration that is too long")]
    [InlineData(
        "c_codecs\nencode\nX\u0003\u0000\u0000\u0000\u00e2\u0082\u00acX\u0006\u0000\u0000\u0000latin1\u0086R.",
        "it has a byte greater than 255")]
    [InlineData(
        "c_codecs\nencode\nX\u0001\u0000\u0000\u0000aX\u0005\u0000\u0000\u0000rot13\u0086R.", "calls a function with the wrong arguments")]
    [InlineData(
        "cdatetime\ndatetime\nc_codecs\nencode\nX\u000a\u0000\u0000\u0000\u0007\u006a\u000d\u0017\u0007\u0025\u0004\u0000\u0000\u0000X\u0006\u0000\u0000\u0000latin1\u0086R\u0085R.",
        "it has an invalid time")]
    public void Other_pickles_are_refused_with_the_byte_offset(string pickle, string reason)
    {
        var message = Refusal(Pickle(pickle));
        Assert.Contains(reason, message, StringComparison.Ordinal);
        Assert.Matches(@" \(at byte \d+\)$", message);
    }

    [Fact]
    public void Oversized_input_is_refused_at_the_same_place_however_long_it_is()
    {
        RefusedEarly("nested too deeply", "", "(", 100_000);
        RefusedEarly("too many values", "", "N", 100_000);
        RefusedEarly("too many parts", "]", "]a", 300_000);
        RefusedEarly("too long", "N", "q\0", 5_000_000);
        // One text of a megabyte, made into bytes a thousand times.
        var text = "X\u0000\u0000\u0010\u0000" + new string('a', 1 << 20);
        var bytes = $"c_codecs\nencode\nq\u0000{text}X\u0006\u0000\u0000\u0000latin1\u0086q\u0001R"
            + string.Concat(Enumerable.Repeat("h\u0000h\u0001R", 1000));
        Assert.Contains("has too many bytes", Refusal(Pickle(bytes)), StringComparison.Ordinal);
        Assert.Contains("longer than 10 bytes", Refusal(Sample, new() { Length = 10 }), StringComparison.Ordinal);

        static void RefusedEarly(string reason, string begin, string more, int times)
        {
            var refusal = Refusal(Pickle(begin + string.Concat(Enumerable.Repeat(more, times))));
            Assert.Contains(reason, refusal, StringComparison.Ordinal);
            Assert.Equal(refusal, Refusal(Pickle(begin + string.Concat(Enumerable.Repeat(more, times + times / 2)))));
        }
    }

    [Fact]
    public void A_list_that_contains_itself_is_refused() =>
        Assert.Contains(
            "not a pair", Assert.Throws<PickleException>(() => OriginalState.Parse(Pickle("]q\0h\0a."))).Message, StringComparison.Ordinal);

    [Fact]
    public void A_truncated_state_is_refused()
    {
        for (var length = 0; length < Sample.Length; length += length < 200 ? 1 : 37)
            Assert.Throws<PickleException>(() => OriginalState.Parse(Sample[..length]));
    }

    [Fact]
    public void A_modified_state_is_either_read_or_refused() =>
        Gen.Select(Gen.Int[0, Sample.Length - 1], Gen.Byte, Gen.Int[0, 3], (at, value, count) => (at, value, count)).Array[1, 4].Sample(
            changes =>
            {
                var bytes = Sample.ToList();
                foreach (var (at, value, count) in changes)
                {
                    bytes[at % bytes.Count] = value;
                    bytes.RemoveRange(at % bytes.Count, Math.Min(count, bytes.Count - (at % bytes.Count)));
                }

                ReadOrRefuse([.. bytes]);
            },
            iter: 3000);

    [Fact]
    public void Any_sequence_of_operations_is_read_or_refused() =>
        Gen.OneOf(Gen.Byte, Gen.Int[0, Telling.Length - 1].Select(i => (byte)Telling[i])).Array[0, 60].Sample(ReadOrRefuse, iter: 20_000);

    private static void ReadOrRefuse(byte[] bytes)
    {
        try
        {
            foreach (var client in OriginalState.Parse(bytes).Clients.Values)
            {
                _ = client.Settings(new());
                _ = client.Instant("created");
                _ = client.Number("last_checker_status");
            }
        }
        catch (PickleException)
        {
            // The documented answer.
        }
    }
}
