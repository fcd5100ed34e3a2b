using System.Text;
using CsCheck;
using Mandos.Client.Runner;
using Mandos.Core.Linux.FileDescriptors;
using Mandos.Core.Secrets;

namespace Mandos.Client.Tests.Runner;

public sealed class LineRelayTests
{
    [Theory]
    [InlineData("one\ntwo\n", "own: one\nown: two\n")]
    [InlineData("own: one\n", "own: one\n")]
    [InlineData("own:one\n", "own: own:one\n")]
    [InlineData("\n", "own: \n")]
    [InlineData("no end", "own: no end\n")]
    [InlineData("", "")]
    [InlineData("å\e[1m\n", "own: å\e[1m\n")]
    public async Task Each_line_is_prefixed_once_with_the_name_of_the_plugin(string said, string expected) =>
        Assert.Equal(expected, await RelayAsync(source => Write(source, Encoding.UTF8.GetBytes(said))));

    [Fact]
    public async Task Chunks_of_any_size_give_the_same_lines() =>
        await Gen.Select(Gen.String[Gen.Char["ab\n: "], 0, 200], Gen.Int[1, 50]).SampleAsync(async (said, size) =>
        {
            var bytes = Encoding.ASCII.GetBytes(said);
            var whole = await RelayAsync(source => Write(source, bytes));
            Assert.Equal(whole, await RelayAsync(source =>
            {
                for (var at = 0; at < bytes.Length; at += size)
                    Write(source, bytes.AsSpan(at, Math.Min(size, bytes.Length - at)));
            }));
        }, iter: 50);

    [Fact]
    public async Task An_overlong_line_is_relayed_in_pieces_with_one_prefix()
    {
        var said = new string('x', 10_000);
        Assert.Equal($"own: {said}\n", await RelayAsync(source => Write(source, Encoding.ASCII.GetBytes(said))));
    }

    [Fact]
    public async Task A_question_without_a_newline_is_shown_soon()
    {
        Assert.True(Descriptor.Pipe(out var source, out var sourceEnd).Ok);
        Assert.True(Descriptor.Pipe(out var target, out var targetEnd).Ok);
        using (target)
        using (targetEnd)
        {
            Task relay;
            using (sourceEnd)
            {
                relay = new LineRelay("own", targetEnd.Number).RunAsync(source);
                Write(sourceEnd, "PIN: "u8);
                var shown = new byte[100];
                Assert.True(DescriptorIo.Read(target.Number, shown, out var count).Ok);
                Assert.Equal("own: PIN: ", Encoding.ASCII.GetString(shown, 0, count));
            }

            await relay;
        }
    }

    private static void Write(Descriptor descriptor, ReadOnlySpan<byte> bytes) =>
        Assert.True(DescriptorIo.WriteAll(descriptor.Number, bytes, out _).Ok);

    private static async Task<string> RelayAsync(Action<Descriptor> say)
    {
        Assert.True(Descriptor.Pipe(out var source, out var sourceEnd).Ok);
        Assert.True(Descriptor.Pipe(out var target, out var targetEnd).Ok);
        using (target)
        {
            using (targetEnd)
            {
                var relay = new LineRelay("own", targetEnd.Number).RunAsync(source);
                using (sourceEnd)
                    say(sourceEnd);
                await relay;
            }

            using var shown = SecretInput.ReadToEnd(target.Number, 1 << 20, out _);
            return Encoding.UTF8.GetString(shown!.Span);
        }
    }
}
