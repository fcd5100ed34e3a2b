using Mandos.Client.Hosting;
using Mandos.Core.Text;

namespace Mandos.Client.Agent;

/// <summary>Reports questions that are not about a disk, once per subject, because a program may ask repeatedly.</summary>
internal sealed class PassedOverQuestions(Messages messages)
{
    /// <summary>The maximum number of reports; an initramfs has a handful of such questions.</summary>
    private const int MostReported = 32;
    private const int LongestText = 120;

    private readonly HashSet<string> _reported = [];

    /// <summary>Reports a question that is left for a person, and the option that would answer it.</summary>
    internal void Report(AskFile ask)
    {
        if (_reported.Count >= MostReported || !_reported.Add(ask.Subject))
            return;
        var id = ask.Id.Length == 0 ? "it has no Id" : $"its Id is \"{Short(ask.Id)}\"";
        messages.Warning(
            $"question \"{Short(ask.Message)}\" is not answered: it does not seem to ask for a disk's password, {id}",
            "if the answer is the password of the disk, use password-agent's option --any-id, see password-agent(8mandos)");
    }

    private static string Short(string text) => PrintableText.Of(text.Length <= LongestText ? text : text[..LongestText] + "...");
}
