using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using Mandos.Control.Hosting;

namespace Mandos.Control.Tables;

/// <summary>
/// Shows what is longer than the terminal in a pager, chosen as git chooses it: $MANDOS_PAGER, $PAGER, less; none if that is empty or cat.
/// </summary>
internal static class Pager
{
    /// <summary>Prints a text, in a pager if it is long and <paramref name="isWanted"/>.</summary>
    internal static void Print(string text, ControlEnvironment environment, bool isWanted)
    {
        var program = environment.Variable("MANDOS_PAGER") ?? environment.Variable("PAGER") ?? "less";
        if (!isWanted || environment.Screen is not { } screen || text.AsSpan().Count('\n') < screen.Rows
            || program is "" or "cat" || !Show(text, program, environment))
            environment.Output.Write(text);
    }

    /// <summary>Returns false if the pager cannot be started.</summary>
    private static bool Show(string text, string program, ControlEnvironment environment)
    {
        environment.Output.Flush();
        var start = new ProcessStartInfo("/bin/sh") { RedirectStandardInput = true, ArgumentList = { "-c", $"exec {program}" } };
        // Exit if all fits on one screen, show colours, leave the text on the screen.
        start.Environment.TryAdd("LESS", "FRX");
        // Ctrl-C is for the pager.
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, static context => context.Cancel = true);
        try
        {
            using var pager = Process.Start(start)!;
            try
            {
                pager.StandardInput.Write(text);
                pager.StandardInput.Close();
            }
            catch (IOException)
            {
                // The operator has seen enough.
            }

            pager.WaitForExit();
            // The exit code of a shell that does not find the program.
            return pager.ExitCode != 127;
        }
        catch (Win32Exception)
        {
            return false;
        }
    }
}
