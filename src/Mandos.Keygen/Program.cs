using System.Text;
using Mandos.Core.Linux;
using Mandos.Keygen;

ProcessMemory.ForbidDumps();
// Names are UTF-8 whatever the locale; what cannot be written must not go unnoticed.
var utf8 = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
await using var output = new StreamWriter(Console.OpenStandardOutput(), utf8);
await using var error = new StreamWriter(Console.OpenStandardError(), utf8) { AutoFlush = true };
var surroundings = new KeygenSurroundings { Output = output, Error = error, Watched = TerminalEcho.IsTerminal(2) };
return await new KeygenProgram(surroundings).RunAsync(args, CancellationToken.None).ConfigureAwait(false);
