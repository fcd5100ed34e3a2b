using System.Text;
using Mandos.Core.Linux;
using Mandos.Core.Linux.FileDescriptors;
using Mandos.Notify;

var utf8 = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
await using var output = new StreamWriter(new DescriptorStream(1), utf8) { AutoFlush = true };
await using var error = new StreamWriter(new DescriptorStream(2), utf8) { AutoFlush = true };
var messages = TextWriter.Synchronized(error);
try
{
    return await NotifyProgram.RunAsync(args, output, messages, Environment.GetEnvironmentVariable).ConfigureAwait(false);
}
catch (IOException)
{
    // The answer cannot be printed.
    return 1;
}
catch (Exception e)
{
    await messages.WriteLineAsync($"mandos-notify: error: internal error: {SystemFailure.Reason(e)}").ConfigureAwait(false);
    return NotifyProgram.InternalError;
}
