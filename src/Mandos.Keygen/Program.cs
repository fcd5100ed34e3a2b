using System.Text;
using Mandos.Core.Linux.FileDescriptors;
using Mandos.Core.Linux.Processes;
using Mandos.Keygen;
using Mandos.Keygen.Hosting;

ProcessMemory.ForbidDumps();
// New keys are also in BouncyCastle's objects. A user who may not lock that much memory can create keys nevertheless.
_ = ProcessMemory.LockAll();
// Names are UTF-8 in any locale; a character that cannot be written must cause an error.
var utf8 = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
// Not disposed: the program flushes its output and reports a failure; a second attempt would throw.
var output = new StreamWriter(new DescriptorStream(1), utf8);
var error = new StreamWriter(new DescriptorStream(2), utf8) { AutoFlush = true };
var surroundings = new KeygenEnvironment
{
    Output = output,
    Error = error,
    Watched = TerminalEcho.IsTerminal(2),
    IsTerminal = TerminalEcho.IsTerminal(1),
    CanAsk = TerminalEcho.IsTerminal(0),
};
try
{
    return await new KeygenProgram(surroundings).RunAsync(args, CancellationToken.None).ConfigureAwait(false);
}
catch (IOException)
{
    // The error cannot be reported.
    return 1;
}
