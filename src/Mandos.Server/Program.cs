using Mandos.CommandLine;
using Mandos.Core.Linux;
using Microsoft.Extensions.Hosting;

ProcessMemory.ForbidDumps();
var program = new GnuProgram("mandos", "", usageError: 2, helpExit: 0);
if (program.Parse(args, Console.Out, Console.Error, out var exitCode) is null) return exitCode;
var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
builder.Services.AddSystemd();
using var host = builder.Build();
await host.RunAsync();
return 0;
