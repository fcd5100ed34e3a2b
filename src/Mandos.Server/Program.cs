using Mandos.Core.Linux;
using Mandos.Server.Startup;

ProcessMemory.ForbidDumps();
return await ServerProgram.RunAsync(args, Console.Out, Console.Error).ConfigureAwait(false);
