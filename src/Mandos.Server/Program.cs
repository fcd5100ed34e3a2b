using Mandos.Core.Linux.FileDescriptors;
using Mandos.Core.Linux.Processes;
using Mandos.Server.Startup;

using var privileged = PrivilegedThread.Start();
ProcessMemory.ForbidDumps();
// Otherwise a socket could get the number of a closed stream, and a client would receive the log.
_ = InheritedDescriptors.FillStandard();
return await ServerProgram.RunAsync(
    args, StandardStreams.Output, StandardStreams.Error, privileged, ownsProcess: true).ConfigureAwait(false);
