using Mandos.Architecture.Tests.Samples.Below;

namespace Mandos.Architecture.Tests.Samples;

internal sealed class RefersByBase : Target;

internal sealed class RefersByInterface : ITarget;

internal static class RefersByConstraint
{
    public static bool Same<T>(T first, T second)
        where T : ITarget => ReferenceEquals(first, second);
}

#pragma warning disable CS0649 // Only the types of these fields matter.
internal sealed class RefersByField
{
    public Target? Value;
}

internal sealed class RefersByTypeArgument
{
    public List<Target[]>? Value;
}
#pragma warning restore CS0649

internal abstract class RefersByResult
{
    public abstract Target? Find();
}

internal abstract class RefersByParameter
{
    public abstract void Take(ref Target? value);
}

internal static class RefersByCall
{
    public static void Run() => Target.Call();
}

internal static class RefersByCast
{
    public static bool IsTarget(object value) => value is Target;
}

internal static class RefersByCatch
{
    public static void Run(Action action)
    {
        try
        {
            action();
        }
        catch (TargetException)
        {
        }
    }
}

// The instructions after a jump table, which has its own length.
internal static class RefersInSwitch
{
    public static object? Make(int number)
    {
        switch (number)
        {
            case 0: return "zero";
            case 1: return "one";
            case 2: return "two";
            case 3: return "three";
            case 4: return "four";
            case 5: return "five";
            default: return new Target();
        }
    }
}

internal static class RefersInLambda
{
    public static Func<object> Maker() => () => new Target();
}

internal static class RefersInAsyncMethod
{
    public static async Task RunAsync()
    {
        await Task.Yield();
        Target.Call();
    }
}

internal static class RefersInNestedType
{
    internal sealed class Nested : Target;
}

internal static class RefersToNothing
{
    public static int Sum(int first, int second) => first + second;
}
