using Mandos.CommandLine;
using Mandos.Configuration;
using Mandos.Core.Keys;
using Mandos.Core.Linux.Files;
using Mandos.Core.OpenPgp.Messages;
using Mandos.Core.Secrets;
using Mandos.Server.Checkers;
using Mandos.Server.Clients;
using Mandos.Server.Configuration;

namespace Mandos.Server.ClientFiles;

/// <summary>
/// Creates clients from the sections of clients.conf and the other files. A client with any error is left out, and a problem names it; the
/// others are served.
/// </summary>
internal sealed class ClientsReader(PathExpansion paths, List<ConfigurationProblem> problems)
{
    /// <summary>Options without a default.</summary>
    private static readonly string[] Secrets = ["secret", "secfile"];

    /// <summary>Options whose values no two clients may share.</summary>
    private static readonly string[] OnlyOwn = ["key_id", "fingerprint", "secret"];

    private readonly List<ClientDefinition> _clients = [];
    private readonly List<string> _order = [];
    private readonly Dictionary<KeyId, string> _byKey = [];
    private readonly Dictionary<string, ConfigurationPlace> _places = new(StringComparer.Ordinal);
    private readonly HashSet<string> _leftOut = new(StringComparer.Ordinal);
    private KnownSecretFile? _secretFile;

    /// <summary>The values of options that the file does not set, before interpolation, so that percent signs are doubled.</summary>
    internal static IReadOnlyDictionary<string, string> BuiltIn { get; } = new Dictionary<string, string>(
        ClientSetting.All.Select(s => KeyValuePair.Create(s.Name, s.BuiltIn)))
    {
        ["key_id"] = "",
        ["fingerprint"] = "",
        ["enabled"] = "True",
    };

    /// <summary>Remembers what is read; null if nothing is to be remembered.</summary>
    internal KnownFiles? Files { private get; init; }

    /// <summary>The names of all valid clients so far, including known ones that were not read again.</summary>
    internal IReadOnlyList<string> Order => _order;

    /// <summary>The clients read so far, in the order of the files.</summary>
    internal IReadOnlyList<ClientDefinition> Clients => _clients;

    /// <summary>The names of the clients with errors.</summary>
    internal IReadOnlySet<string> LeftOut => _leftOut;

    /// <summary>
    /// Adds the clients of an unchanged file; false if it must be read, because another file uses one of their names or keys.
    /// </summary>
    internal bool TryTake(string file, KnownFile known)
    {
        foreach (var client in known.Clients)
        {
            if (_places.ContainsKey(client.Name) || (client.KeyId is { } key && _byKey.ContainsKey(key)))
                return false;
        }

        foreach (var client in known.Clients)
            Add(client, file);
        Files?.Add(file, known);
        return true;
    }

    /// <summary>Adds the clients of a file, in order.</summary>
    /// <param name="document">The file.</param>
    /// <param name="stamp">The stamp of the file from before it was read; null if it had changed just then.</param>
    /// <param name="before">The file as it was last read and applied; null if it was not.</param>
    internal void Read(ConfigurationDocument document, FileStamp? stamp = null, KnownFile? before = null)
    {
        var faults = _leftOut.Count;
        var defaults = Files is null ? default : Files.Sections.Of(document, document.Defaults);
        var known = before?.Defaults == defaults ? before.Clients.ToDictionary(client => client.Name, StringComparer.Ordinal) : [];
        var clients = ReadSections(document, known);
        // A file with errors depends on more than its own content.
        if (_leftOut.Count == faults && clients.Count == document.Sections.Count)
            Files?.Add(document.File, new KnownFile(stamp, defaults, clients));
    }

    private void Add(KnownClient client, string file)
    {
        _places.Add(client.Name, new(file, client.Line));
        _order.Add(client.Name);
        if (client.KeyId is { } key)
            _byKey.Add(key, client.Name);
    }

    /// <summary>Reads the sections; returns what to remember of the valid ones.</summary>
    private List<KnownClient> ReadSections(ConfigurationDocument document, Dictionary<string, KnownClient> known)
    {
        var good = new List<KnownClient>();
        WarnOfNearMisses(document, document.Defaults, "");
        WarnOfOwnDefaults(document);
        foreach (var section in document.Sections)
        {
            var content = Files is null ? default : Files.Sections.Of(document, section);
            if (known.TryGetValue(section.Name, out var before) && IsUnchanged(before, content))
            {
                good.Add(before with { Line = section.Line });
                Add(good[^1], document.File);
                continue;
            }

            WarnOfNearMisses(document, section, $"[{section.Name}] ");
            using var values = new SettingValues(document, section, problems);
            if (ReadSection(section, values) is not { } client)
                continue;
            _clients.Add(client);
            _order.Add(client.Name);
            good.Add(new(client.Name, section.Line, client.KeyId, content, _secretFile));
            if (client.KeyId is { } key)
                _byKey.Add(key, client.Name);
        }

        return good;
    }

    private bool IsUnchanged(KnownClient before, UInt128 content) =>
        before.Content == content
        && !_places.ContainsKey(before.Name)
        && !(before.KeyId is { } key && _byKey.ContainsKey(key))
        && before.SecretFile?.IsUnchanged(paths) != false;

    /// <summary>Reads a section; null if it is left out.</summary>
    private ClientDefinition? ReadSection(ConfigurationSection section, SettingValues values)
    {
        // A later section never replaces an earlier one, even if that one is left out itself.
        if (!_places.TryAdd(section.Name, values.Place))
        {
            values.Report($"is left out: {_places[section.Name]} has a section with this name", isWarning: false);
            return null;
        }

        var before = problems.Count;
        _secretFile = null;
        var client = ReadClient(values);
        if (client is not null && problems.FindIndex(before, static p => !p.IsWarning) < 0)
            return client;
        client?.Secret.Dispose();
        _leftOut.Add(section.Name);
        values.Report("is left out", isWarning: false);
        return null;
    }

    /// <summary>Warns of a stanza that was inserted below [DEFAULT] without its first line.</summary>
    private void WarnOfOwnDefaults(ConfigurationDocument document)
    {
        foreach (var name in OnlyOwn)
        {
            if (document.Defaults.Options.TryGetValue(name, out var option))
                problems.Add(
                    new(
                        document.File, option.Line,
                        $"[DEFAULT] {name}: it would apply to every client; is the line [NAME] missing above it?", IsWarning: true));
        }
    }

    /// <summary>
    /// Warns of probable typing errors: other names are allowed, for interpolation, but an unused one that resembles one of ours is
    /// probably a mistake.
    /// </summary>
    private void WarnOfNearMisses(ConfigurationDocument document, ConfigurationSection section, string where)
    {
        foreach (var (name, option) in section.Options)
        {
            if (!BuiltIn.ContainsKey(name)
                && !Secrets.Contains(name)
                && SpellingHint.Of(name, [.. BuiltIn.Keys, .. Secrets]) is { } near
                && !document.Refers(name))
                problems.Add(new(document.File, option.Line, $"{where}unknown option '{name}'; did you mean '{near}'?", IsWarning: true));
        }
    }

    private ClientDefinition? ReadClient(SettingValues values)
    {
        // Only U+0020: with a tab or line end inside, the text has always been a different key.
        var keyText = values.Text("key_id")?.Replace(" ", "", StringComparison.Ordinal);
        var fingerprint = values.Text("fingerprint")?.Replace(" ", "", StringComparison.Ordinal).ToUpperInvariant();
        if (keyText is "" && fingerprint is "")
        {
            values.Refuse("key_id", "missing, and there is no fingerprint either");
            return null;
        }

        // Everything is read, so that all errors are reported together.
        var key = ReadKey(values, keyText);
        // Errors have been reported and leave the client out; the built-in value is only a placeholder.
        var settings = ClientSetting.ReadAll(values, ClientSetting.AllBuiltIn);
        var enabled = values.Boolean("enabled");
        var secret = ReadSecret(values);
        if (settings.Host.Contains(" #", StringComparison.Ordinal) || settings.Host.Contains(" ;", StringComparison.Ordinal))
            values.Warn("host", $"'{settings.Host}' is the host, including what looks like a comment: a comment needs its own line");
        if (secret is null)
            return null;
        var definition = new ClientDefinition(values.Name, key, fingerprint ?? "", settings, enabled ?? false, new ClientSecret(secret));
        // The client is served nevertheless: the check fails and reports the reason.
        if (CheckerCommand.Check(definition, usesDBus: true) is { } problem)
            values.Report($"will never be checked: {problem}", isWarning: true);
        if (CheckerDoubt.CannotFail(settings.Checker))
            values.Report("has a checker that cannot fail: it is never disabled, wherever it is", isWarning: true);
        return definition;
    }

    private KeyId? ReadKey(ConfigurationValues values, string? text)
    {
        if (text is null)
            return null;
        if (text.Length == 0)
            values.Report("has a fingerprint but no key_id, and cannot be served", isWarning: true);
        else if (!KeyId.TryParse(text, out var key))
            values.Refuse("key_id", $"'{text}' does not have 64 hex digits");
        else if (key == KeyId.OfNothing)
            values.Refuse("key_id", "this is the hash of empty data, from a broken key generator; make new keys on the client");
        else if (_byKey.TryGetValue(key, out var other))
            values.Refuse("key_id", $"also that of client [{other}] ({_places[other]})");
        else
            return key;
        return null;
    }

    private SecretBuffer? ReadSecret(ConfigurationValues values)
    {
        SecretBuffer? secret = null;
        var option = values.Has("secret") ? "secret" : "secfile";
        var isArmor = false;
        if (values.Has("secret"))
        {
            if (values.TryExpand("secret", out var text))
            {
                isArmor = MessageFault.IsArmor(text);
                secret = PythonBase64.Decode(text);
                if (secret is null)
                    values.Refuse("secret", "it is not base64: the padding at its end is wrong, or a part is missing");
            }
        }
        else if (!values.Has("secfile"))
        {
            values.Refuse("secret", "missing, and there is no secfile either");
        }
        else if (values.Text("secfile") is { } file)
        {
            secret = ReadSecretFile(values, file);
        }

        if (secret is { Length: 0 })
            values.Report("has an empty secret: there is nothing to deliver", isWarning: true);
        else if (isArmor)
            values.Warn(
                option,
                "it is ASCII armor, which is not plain base64; hint: take the lines that 'mandos-keygen --password' prints, or "
                    + "name the file with secfile");
        else if (secret is not null && MessageFault.Of(secret.Span) is { } fault)
            values.Warn(option, $"it {fault}; the client may not be able to use it");
        return secret;
    }

    private SecretBuffer? ReadSecretFile(ConfigurationValues values, string written)
    {
        var path = paths.Expand(written);
        try
        {
            _secretFile = new(written, path, Files?.Stamp(path));
            var secret = ConfigurationFile.ReadBytes(path, ConfigurationFile.MaximumSecretLength);
            if (OpenToOthers.Is(path))
                values.Warn("secfile", $"'{path}': {OpenToOthers.Warning(path)}");
            return secret;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            values.Refuse("secfile", $"'{path}' cannot be read: {FileFailure.Reason(e)}");
            return null;
        }
    }
}
