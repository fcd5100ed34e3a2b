namespace Mandos.Keygen.Enrolment;

/// <summary>One line for each step. At a terminal it appears when the step begins, and its mark changes.</summary>
internal sealed class ProgressLines(TextWriter output, bool watched, bool coloured)
{
    private const string ClearLine = "\r\u001b[K", Green = "\u001b[32m", Red = "\u001b[31m", Yellow = "\u001b[33m", Plain = "\u001b[0m";

    private bool _isOpen;

    /// <summary>A step begins.</summary>
    public void Begin(EnrolmentStep step)
    {
        if (!watched)
            return;
        output.Write($"[ .. ] {step.Title}");
        output.Flush();
        _isOpen = true;
    }

    /// <summary>Another program, or a question, needs the line.</summary>
    public void MakeWay()
    {
        if (_isOpen)
            output.Write(ClearLine);
        _isOpen = false;
        output.Flush();
    }

    /// <summary>A step succeeded.</summary>
    public void End(EnrolmentStep step, StepResult result)
    {
        var there = result.AlreadyThere ? "already there: " : "";
        Line(result.AlreadyThere ? "same" : result.IsPending ? "next" : " ok ", Green, $"{step.Title}: {there}{result.Note}");
        foreach (var warning in result.Warnings)
            Line("note", Yellow, warning);
    }

    /// <summary>A step failed.</summary>
    public void Fail(EnrolmentStep step) => Line("FAIL", Red, step.Title);

    /// <summary>A step is left out, or something was taken back.</summary>
    public void Tell(string mark, string text) => Line(mark, Yellow, text);

    private void Line(string mark, string colour, string text)
    {
        MakeWay();
        output.WriteLine(coloured ? $"[{colour}{mark}{Plain}] {text}" : $"[{mark}] {text}");
        output.Flush();
    }
}
