namespace Mandos.Architecture.Tests.Samples.Below;

internal interface ITarget;

internal class Target : ITarget
{
    public static void Call()
    {
    }
}

internal sealed class TargetException : Exception;
