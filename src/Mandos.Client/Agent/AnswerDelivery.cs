using Mandos.Client.Hosting;
using Mandos.Core.Linux.Sockets;
using Mandos.Core.Secrets;
using Mandos.Core.Text;

namespace Mandos.Client.Agent;

/// <summary>Sends answers: one datagram with <c>+</c>, the unchanged password, and a zero byte.</summary>
internal sealed class AnswerDelivery(Messages messages)
{
    /// <summary>Sends the password to the program that asked.</summary>
    internal DatagramResult Send(Question question, SecretBuffer password)
    {
        using var datagram = new SecretBuffer(password.Length + 2);
        datagram.Append("+"u8);
        datagram.Append(password.Span);
        datagram.Append([0]);
        var result = DatagramSocket.Send(question.Ask!.Socket, datagram.Span, out var error);
        var name = PrintableText.Of(question.Name);
        if (result == DatagramResult.Never)
            messages.Warning($"question \"{name}\" cannot be answered: {error}");
        else
            messages.Debug?.Invoke(
                result == DatagramResult.Sent ? $"question \"{name}\" is answered" : $"question \"{name}\": {error}; trying again");
        return result;
    }
}
