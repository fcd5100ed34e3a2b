using CsCheck;
using Mandos.Client.ProcessBoundary;
using Mandos.Client.Supervision;
using Mandos.Core.Linux.FileDescriptors;
using Mandos.Core.Secrets;

namespace Mandos.Client.Tests.ProcessBoundary;

public sealed class PasswordPipeTests
{
    [Fact]
    public void Every_password_arrives_byte_for_byte() => Gen.OneOf(Gen.Byte.Array[0, 40], Gen.Byte.Array[200_000]).Sample(content =>
    {
        Assert.True(Descriptor.Pipe(out var read, out var write).Ok);
        using (read)
        {
            var writing = Task.Run(() =>
            {
                using (write)
                using (var password = SecretBuffer.CopyOf(content))
                    Assert.True(PasswordPipe.Write(write.Number, password));
            });
            using var received = Receive(read.Number);
            writing.GetAwaiter().GetResult();
            Assert.Equal(content, received!.Span.ToArray());
        }
    }, iter: 20);

    [Theory]
    [InlineData(new byte[0])]
    [InlineData(new byte[] { 1, 0, 0 })]
    [InlineData(new byte[] { 5, 0, 0, 0, (byte)'h', (byte)'a', (byte)'l', (byte)'f' })]
    [InlineData(new byte[] { 0xFF, 0xFF, 0xFF, 0xFF })]
    [InlineData(new byte[] { 0xFF, 0xFF, 0xFF, 0x7F })]
    public void A_truncated_message_or_a_wrong_length_gives_no_password(byte[] sent)
    {
        Assert.True(Descriptor.Pipe(out var read, out var write).Ok);
        using (read)
        {
            using (write)
                Assert.True(DescriptorIo.WriteAll(write.Number, sent, out _).Ok);
            Assert.Null(Receive(read.Number));
        }
    }

    private static SecretBuffer? Receive(int descriptor)
    {
        using var reception = new PasswordReception();
        while (!reception.Take(descriptor))
        {
            // Until it is whole or its writer has ended.
        }

        return reception.TakePassword();
    }
}
