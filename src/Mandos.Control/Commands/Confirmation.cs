using Mandos.Control.Hosting;

namespace Mandos.Control.Commands;

/// <summary>Asks an operator at the terminal.</summary>
internal static class Confirmation
{
    /// <summary>Returns true if the answer is yes; an empty answer, or none, means no.</summary>
    internal static bool Ask(ControlEnvironment environment, string question)
    {
        environment.Error.Write($"{question} [y/N] ");
        environment.Error.Flush();
        return environment.Input.ReadLine()?.Trim().ToLowerInvariant() is "y" or "yes";
    }
}
