using System.Text;
using Mandos.Core.Linux.FileDescriptors;
using Mandos.Core.Linux.Processes;
using Mandos.Keygen;

ProcessMemory.ForbidDumps();
// New keys are in BouncyCastle's objects, too. A user who may not lock so much makes keys all the same.
_ = ProcessMemory.LockAll();
// Names are UTF-8 whatever the locale; what cannot be written must not go unnoticed.
var utf8 = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
// Not disposed: the program flushes its answer and says if that fails; a second attempt would end in an exception.
var output = new StreamWriter(new DescriptorStream(1), utf8);
var error = new StreamWriter(new DescriptorStream(2), utf8) { AutoFlush = true };
var surroundings = new KeygenEnvironment { Output = output, Error = error, Watched = TerminalEcho.IsTerminal(2) };
try
{
    return await new KeygenProgram(surroundings).RunAsync(args, CancellationToken.None).ConfigureAwait(false);
}
catch (IOException)
{
    // The error cannot be reported.
    return 1;
}
