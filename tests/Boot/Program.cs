// Runs the tests, as every test program does.
return await Xunit.Runner.InProc.SystemConsole.ConsoleRunner.Run(args);
