using System.Globalization;
using System.Runtime.CompilerServices;
using Mandos.Core.Linux.Processes;
using Mandos.Server.Clients;
using Mandos.Server.Store;

namespace Mandos.Server.Tests.Store;

/// <summary>
/// The test program again, as a child that changes a store as fast as it can and tells each change when it is saved:
/// "N" on its own line after change number N.
/// </summary>
internal static class StoreDrill
{
    internal const string Variable = "MANDOS_STORE_DRILL";
    internal const string FirstVariable = "MANDOS_STORE_DRILL_FIRST";
    internal const int Clients = 5;

    [ModuleInitializer]
    [System.Diagnostics.CodeAnalysis.SuppressMessage(
        "Usage", "CA2255", Justification = "The child must begin before the test runner does.")]
    internal static void Begin()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { } folder)
            Run(folder, long.Parse(Environment.GetEnvironmentVariable(FirstVariable)!, CultureInfo.InvariantCulture));
    }

    /// <summary>
    /// What change number <paramref name="n"/> does: a client is enabled or disabled, each third time gone, and its count of
    /// secrets is the number.
    /// </summary>
    internal static (string Name, bool There, bool Enabled) Change(long n) =>
        (string.Create(CultureInfo.InvariantCulture, $"client-{n % Clients}"), n / Clients % 3 != 2, n / Clients % 2 == 0);

    private static void Run(string folder, long first)
    {
        using var output = Console.OpenStandardOutput();
        using var store = SqliteClientStore.Open(folder, TimeProvider.System, BootClock.OfSystem());
        if (store.ReplacedAt is null)
            store.Replace([], [], Moment.Now(TimeProvider.System));
        using var secret = TestStore.Secret("secret");
        for (var n = first; ; n++)
        {
            var (name, there, enabled) = Change(n);
            var now = Moment.Now(TimeProvider.System);
            var client =
                new ClientState { Name = name, Settings = TestStore.Settings(), Secret = secret, Enabled = enabled, SecretsGiven = n };
            store.Save(there ? [client] : [], there ? [] : [name], now);
            output.Write(System.Text.Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{n}\n")));
        }
    }
}
