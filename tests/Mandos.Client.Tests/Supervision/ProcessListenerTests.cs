using System.Text;
using Mandos.Client.Supervision;
using Mandos.Core.Linux.FileDescriptors;

namespace Mandos.Client.Tests.Supervision;

/// <summary>What the supervisor receives from the network process.</summary>
public sealed class ProcessListenerTests
{
    /// <summary>As a virtual machine whose console no program reads, or a serial line with flow control.</summary>
    [Fact]
    public async Task The_password_arrives_although_the_messages_do_not_fit_on_the_console()
    {
        using var console = new PseudoTerminal();
        console.FillNearly();
        Assert.True(Descriptor.MessagePair(out var control, out var controlOfProcess).Ok);
        Assert.True(Descriptor.Pipe(out var password, out var passwordOfProcess).Ok);
        Assert.True(Descriptor.Pipe(out var messages, out var messagesOfProcess).Ok);
        foreach (var end in new[] { control, password, messages })
            Assert.True(end.SetWaiting(false).Ok);
        var listener = new ProcessListener(control.Number, password.Number, messages.Number, console.Terminal);

        Assert.True(DescriptorIo.WriteAll(messagesOfProcess.Number, Encoding.ASCII.GetBytes(new string('m', 4096)), out _).Ok);
        using (var wakeup = new Wakeup())
        {
            // Until the listener has taken the messages, so that it is about to write them.
            Span<PollEntry> entries = [default, new PollEntry { Descriptor = messages.Number, Events = PollEntry.Readable }];
            do
                wakeup.Wait(entries, 0);
            while (entries[1].Returned != 0);
        }

        Assert.True(DescriptorIo.WriteAll(passwordOfProcess.Number, [6, 0, 0, 0, .. "secret"u8], out _).Ok);
        var limit = Task.Delay(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
        Assert.NotSame(limit, await Task.WhenAny(listener.Password, limit));
        using (var received = await listener.Password)
            Assert.Equal("secret", Encoding.ASCII.GetString(received!.Span));

        listener.Dispose();
        foreach (var end in new[] { control, controlOfProcess, password, passwordOfProcess, messages, messagesOfProcess })
            end.Dispose();
    }
}
