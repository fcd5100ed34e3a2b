using Mandos.Configuration;
using Mandos.Control.Hosting;
using Mandos.Core.Keys;
using Mandos.Core.Secrets;

namespace Mandos.Control.Actions;

/// <summary>A section of clients.conf as what the server's AddClient takes.</summary>
/// <param name="Name">The name of the client.</param>
/// <param name="Properties">Its properties by their names on the bus; those that the file does not set are left to the server.</param>
/// <param name="Secret">Its secret, which it owns.</param>
internal sealed record ClientSection(string Name, IReadOnlyDictionary<string, object> Properties, SecretBuffer Secret) : IDisposable
{
    public void Dispose() => Secret.Dispose();

    /// <summary>Reads all sections of a file; <c>-</c> is standard input.</summary>
    /// <exception cref="ControlFailure">The file cannot be read or has errors.</exception>
    internal static IReadOnlyList<ClientSection> Read(string file)
    {
        var problems = new List<ConfigurationProblem>();
        var name = file == "-" ? "standard input" : file;
        using var content = SecretFile.Content(file);
        using var document = ConfigurationFile.Parse(name, content.Span, builtIn: null, problems);
        var sections = document?.Sections.Select(section => Read(document, section, problems)).ToList() ?? [];
        if (problems.Count > 0)
        {
            sections.ForEach(static section => section.Dispose());
            throw new ControlFailure([.. problems.Select(static problem => problem.ToString())], "correct the file; no client was added");
        }

        return sections.Count > 0
            ? sections
            : throw new ControlFailure($"{name} has no section", "print one with 'mandos-keygen --password' on the client");
    }

    private static ClientSection Read(ConfigurationDocument document, ConfigurationSection section, List<ConfigurationProblem> problems)
    {
        using var values = new ConfigurationValues(document, section, problems);
        var properties = new Dictionary<string, object>();
        if (values.Text("key_id")?.Replace(" ", "", StringComparison.Ordinal) is not { } key)
            values.Refuse("key_id", "missing");
        else if (!KeyId.TryParse(key, out _))
            values.Refuse("key_id", $"'{key}' does not have 64 hex digits");
        else
            properties.Add("KeyID", key);
        if (values.Text("fingerprint") is { } fingerprint)
            properties.Add("Fingerprint", fingerprint.Replace(" ", "", StringComparison.Ordinal).ToUpperInvariant());
        foreach (var (option, property) in SettingNames.Texts)
        {
            if (values.Text(option) is { } text)
                properties.Add(property, text);
        }

        foreach (var (option, property) in SettingNames.Durations)
        {
            if (values.Duration(option) is { } duration)
                properties.Add(property, duration.Value);
        }

        foreach (var (option, property) in SettingNames.Flags)
        {
            if (values.Boolean(option) is { } flag)
                properties.Add(property, flag);
        }

        return new(section.Name, properties, ReadSecret(values));
    }

    private static SecretBuffer ReadSecret(ConfigurationValues values)
    {
        if (values.TryExpand("secret", out var text))
        {
            if (PythonBase64.Decode(text) is { } secret)
                return secret;
            values.Refuse("secret", "it is not base64: the padding at its end is wrong, or a part is missing");
        }
        else if (!values.Has("secret") && values.Text("secfile") is { } file)
        {
            return SecretFile.Content(file);
        }
        else if (!values.Has("secret"))
        {
            values.Refuse("secret", "missing, and there is no secfile either");
        }

        return new SecretBuffer(0);
    }
}
