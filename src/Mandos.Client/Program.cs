using Mandos.CommandLine;
using Mandos.Core.Linux;

ProcessMemory.ForbidDumps();
var program = new GnuProgram("mandos-client", "", usageError: 64, helpExit: 64);
return program.Parse(args, Console.Out, Console.Error, out var exitCode) is null ? exitCode : 0;
