using Mandos.Client;
using Mandos.Client.Hosting;
using Mandos.Core.Linux.FileDescriptors;
using Mandos.Core.Linux.Processes;

// First of all: forbid core dumps, reserve the numbers of the standard streams, and let no child inherit other descriptors.
ProcessMemory.ForbidDumps();
_ = InheritedDescriptors.FillStandard();
InheritedDescriptors.KeepFromChildren();
AppDomain.CurrentDomain.UnhandledException += (_, fault) => LastWords.Say(fault.ExceptionObject);
try
{
    return WorkerThreads.ResultOf(BootProgram.RunAsync(Environment.GetCommandLineArgs()[0], args));
}
#pragma warning disable CA1031 // Whatever it is, it becomes one line and an exit code, not a dump with secrets in it.
catch (Exception fault)
#pragma warning restore CA1031
{
    return LastWords.Of(fault);
}
