using Mandos.Core.Linux;

namespace Mandos.Client;

/// <summary>What becomes of a fault that nobody expected.</summary>
internal static class LastWords
{
    /// <summary>Tells it in one line.</summary>
    internal static int Of(object fault)
    {
        var text = fault is Exception exception ? exception.Message : "of an unknown kind";
        new Messages(BootProgram.Name, debug: false).Error($"unexpected fault: {text.ReplaceLineEndings(" ")}", "please report this");
        return ExitCode.Software;
    }

    /// <summary>Tells it and ends the process at once, from a thread that has no caller.</summary>
    internal static void Say(object fault) => ProcessEnd.Now(Of(fault));
}
