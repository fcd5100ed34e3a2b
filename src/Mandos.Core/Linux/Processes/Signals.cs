namespace Mandos.Core.Linux.Processes;

/// <summary>The numbers from signal(7) that are the same on all supported architectures.</summary>
public static class Signals
{
    public const int Hup = 1;
    public const int Int = 2;
    public const int Quit = 3;
    public const int Kill = 9;
    public const int Pipe = 13;
    public const int Term = 15;
    public const int Chld = 17;
}
