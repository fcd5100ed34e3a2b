using System.Text;
using Mandos.Control;
using Mandos.Control.Hosting;
using Mandos.Core.Linux.FileDescriptors;
using Mandos.Core.Linux.Processes;

// Names are UTF-8 in any locale; a character that cannot be written must cause an error.
var utf8 = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
// Not disposed: the program flushes its output and reports a failure; a second attempt would throw.
var output = new StreamWriter(new DescriptorStream(1), utf8, 64 << 10);
var error = new StreamWriter(new DescriptorStream(2), utf8) { AutoFlush = true };
var environment = new ControlEnvironment
{
    Output = output,
    Error = error,
    Screen = TerminalSize.Of(1),
    CanAsk = TerminalEcho.IsTerminal(0) && TerminalEcho.IsTerminal(2),
};
try
{
    return await new ControlProgram(environment).RunAsync(args, CancellationToken.None).ConfigureAwait(false);
}
catch (IOException)
{
    // The error cannot be reported.
    return 1;
}
