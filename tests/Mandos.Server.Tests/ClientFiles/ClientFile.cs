using System.Text;
using Mandos.Configuration;
using Mandos.Server.ClientFiles;
using Mandos.Server.Clients;

namespace Mandos.Server.Tests.ClientFiles;

/// <summary>A clients.conf that exists as text only.</summary>
internal sealed class ClientFile : IDisposable
{
    /// <summary>What <c>KEY</c> stands for in texts.</summary>
    internal const string Key = "d99df7b54a7ed79e5e57cdd9c0461686b1f30e43c8edc1f4d248eceb49fcfb23";

    internal const string OtherKey = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    internal ClientFile(string text, Dictionary<string, string>? environment = null)
    {
        var utf8 = Encoding.UTF8.GetBytes(
            text.Replace("OTHERKEY", OtherKey, StringComparison.Ordinal).Replace("KEY", Key, StringComparison.Ordinal));
        using var document = ConfigurationFile.Parse("clients.conf", utf8, ClientsReader.BuiltIn, Problems);
        IsRefused = document is null;
        var paths = new PathExpansion(
            name => environment?.GetValueOrDefault(name), user => user is null ? environment?.GetValueOrDefault("HOME") : null);
        var reader = new ClientsReader(paths, Problems);
        if (document is not null)
            reader.Read(document);
        Clients = reader.Clients;
    }

    internal List<ConfigurationProblem> Problems { get; } = [];

    internal bool IsRefused { get; }

    internal IReadOnlyList<ClientDefinition> Clients { get; }

    internal string Errors => string.Join('\n', Problems);

    public void Dispose()
    {
        foreach (var client in Clients)
            client.Secret.Dispose();
    }
}
