using Mandos.Core.Linux;
using Mandos.Server.Startup;

ProcessMemory.ForbidDumps();
return await ServerProgram.RunAsync(args, StandardStreams.Output, StandardStreams.Error).ConfigureAwait(false);
