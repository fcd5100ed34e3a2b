using Mandos.CommandLine;
using Mandos.Core.Linux;

ProcessMemory.ForbidDumps();
var program = new GnuProgram("mandos-keygen", "", usageError: 1, helpExit: 0);
return program.Parse(args, Console.Out, Console.Error, out var exitCode) is null ? exitCode : 0;
