using Mandos.Core.Durations;
using Mandos.Core.Keys;
using Mandos.Core.Secrets;
using Mandos.Server.Configuration;

namespace Mandos.Server.Clients;

/// <summary>
/// Makes clients of the sections of clients.conf. A client with anything wrong is left out, with problems that name it;
/// the others are served.
/// </summary>
internal sealed class ClientsReader(PathExpansion paths, List<ConfigurationProblem> problems)
{
    /// <summary>What holds where the file says nothing; raw, so that percent signs are doubled.</summary>
    internal static IReadOnlyDictionary<string, string> BuiltIn { get; } = new Dictionary<string, string>
    {
        ["timeout"] = "PT5M",
        ["extended_timeout"] = "PT15M",
        ["interval"] = "PT2M",
        ["checker"] = "fping -q -- %%(host)s",
        ["host"] = "",
        ["key_id"] = "",
        ["fingerprint"] = "",
        ["approval_delay"] = "PT0S",
        ["approval_duration"] = "PT1S",
        ["approved_by_default"] = "True",
        ["enabled"] = "True",
    };

    /// <summary>All clients of a file, in its order.</summary>
    internal ClientTable Read(ConfigurationDocument document)
    {
        var clients = new List<Client>();
        foreach (var section in document.Sections)
        {
            using var values = new ConfigurationValues(document, section, problems);
            var before = problems.Count;
            var client = ReadClient(values, clients);
            if (client is not null && problems.Skip(before).All(p => p.IsWarning))
            {
                clients.Add(client);
                continue;
            }

            client?.Dispose();
            values.Report("is left out", isWarning: false);
        }

        return new ClientTable(clients);
    }

    private Client? ReadClient(ConfigurationValues values, List<Client> earlier)
    {
        // Only U+0020: tabs and line ends inside have always made another key of it.
        var keyText = values.Text("key_id")?.Replace(" ", "", StringComparison.Ordinal);
        var fingerprint = values.Text("fingerprint")?.Replace(" ", "", StringComparison.Ordinal).ToUpperInvariant();
        if (keyText is "" && fingerprint is "")
        {
            values.Refuse("key_id", "there is none, nor a fingerprint");
            return null;
        }

        // Everything is read, so that everything that is wrong is told at once.
        var settings = new
        {
            Key = ReadKey(values, keyText, earlier),
            Host = values.Text("host"),
            Checker = values.Text("checker"),
            Timeout = values.Duration("timeout"),
            ExtendedTimeout = values.Duration("extended_timeout"),
            Interval = values.Duration("interval"),
            ApprovalDelay = values.Duration("approval_delay"),
            ApprovalDuration = values.Duration("approval_duration"),
            ApprovedByDefault = values.Boolean("approved_by_default"),
            Enabled = values.Boolean("enabled"),
            Secret = ReadSecret(values),
        };
        if (settings.Interval == Duration.Zero)
            values.Refuse("interval", "it must be longer than nothing");
        if (settings.ApprovalDelay > Duration.Zero && settings.ApprovedByDefault == false)
            values.Report("is refused: it needs an approval (approval_delay, approved_by_default), which this version has not", isWarning: true);
        return settings.Secret is null ? null : new Client
        {
            Name = values.Name,
            KeyId = settings.Key,
            Fingerprint = fingerprint ?? "",
            Host = settings.Host ?? "",
            Secret = settings.Secret,
            Checker = settings.Checker ?? "",
            Timeout = settings.Timeout ?? default,
            ExtendedTimeout = settings.ExtendedTimeout ?? default,
            Interval = settings.Interval ?? default,
            ApprovalDelay = settings.ApprovalDelay ?? default,
            ApprovalDuration = settings.ApprovalDuration ?? default,
            ApprovedByDefault = settings.ApprovedByDefault ?? false,
            Enabled = settings.Enabled ?? false,
        };
    }

    private static KeyId? ReadKey(ConfigurationValues values, string? text, List<Client> earlier)
    {
        if (text is null)
            return null;
        if (text.Length == 0)
            values.Report("has a fingerprint but no key_id, and cannot be served", isWarning: true);
        else if (!KeyId.TryParse(text, out var key))
            values.Refuse("key_id", $"'{text}' does not have 64 hex digits");
        else if (key == KeyId.OfNothing)
            values.Refuse("key_id", "this is the hash of nothing, which a broken key generator made; make new keys on the client");
        else if (earlier.Find(c => c.KeyId == key) is { } other)
            values.Refuse("key_id", $"client [{other.Name}] has the same");
        else
            return key;
        return null;
    }

    private SecretBuffer? ReadSecret(ConfigurationValues values)
    {
        SecretBuffer? secret = null;
        if (values.Has("secret"))
        {
            if (values.TryExpand("secret", out var text) && (secret = PythonBase64.Decode(text)) is null)
                values.Refuse("secret", "it is no base64: the padding at its end is wrong, or something is missing");
        }
        else if (!values.Has("secfile"))
        {
            values.Refuse("secret", "there is none, nor a secfile");
        }
        else if (values.Text("secfile") is { } file)
        {
            secret = ReadSecretFile(values, paths.Expand(file));
        }

        if (secret is { Length: 0 })
            values.Report("has an empty secret: there is nothing to deliver", isWarning: true);
        return secret;
    }

    private static SecretBuffer? ReadSecretFile(ConfigurationValues values, string path)
    {
        try
        {
            return ConfigurationFile.ReadBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            values.Refuse("secfile", $"'{path}' cannot be read: {FileFailure.Reason(e)}");
            return null;
        }
    }
}
