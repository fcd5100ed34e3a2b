using System.Net;
using Mandos.Configuration;
using Mandos.Web.Access;

namespace Mandos.Web.Configuration;

/// <summary>Reads mandos-web.conf. Every problem is reported with its line.</summary>
internal static class WebSettingsReader
{
    private const string SectionName = "web";
    private const int LongestSocketPath = 107;

    private static readonly string[] Known = ["socket", "metrics", "hosts", "identity_header", "viewers", "approvers", "administrators"];

    /// <summary>Reads the file. A missing one is an error only if it was named.</summary>
    internal static WebSettings Read(string file, bool mustExist, List<ConfigurationProblem> problems)
    {
        var outcome = ConfigurationFile.Read(file, null, problems, out var document);
        using (document)
        {
            if (outcome == ConfigurationFile.Outcome.Missing && mustExist)
                problems.Add(new(file, 0, "does not exist"));
            return document is null ? new() : Read(document, problems);
        }
    }

    private static WebSettings Read(ConfigurationDocument document, List<ConfigurationProblem> problems)
    {
        foreach (var other in document.Sections.Where(section => section.Name != SectionName))
            problems.Add(new(document.File, other.Line, $"[{other.Name}] is not a section of this file; its only one is [{SectionName}]"));
        if (document.Sections.FirstOrDefault(section => section.Name == SectionName) is not { } section)
            return new();
        foreach (var (name, option) in section.Options.Where(option => !Known.Contains(option.Key)))
            problems.Add(new(document.File, option.Line, $"{name} is not a setting of mandos-web", IsWarning: true));
        using var values = new ConfigurationValues(document, section, problems);
        var defaults = new WebSettings();
        return new()
        {
            Socket = Socket(values) ?? defaults.Socket,
            Metrics = Addresses(values),
            Hosts = values.Words("hosts"),
            IdentityHeader = Header(values),
            Roles = Roles(values),
        };
    }

    private static string? Socket(ConfigurationValues values)
    {
        if (values.Text("socket") is not { Length: > 0 } path)
            return null;
        if (path[0] == '/' && path.Length <= LongestSocketPath)
            return path;
        values.Refuse("socket", $"'{path}' is not an absolute path with at most {LongestSocketPath} characters");
        return null;
    }

    private static List<IPEndPoint> Addresses(ConfigurationValues values)
    {
        var addresses = new List<IPEndPoint>();
        foreach (var word in values.Words("metrics"))
        {
            if (IPEndPoint.TryParse(word, out var address) && address.Port > 0)
                addresses.Add(address);
            else
                values.Refuse("metrics", $"'{word}' is not an address with a port, as in 127.0.0.1:9653 or [::1]:9653");
        }

        return addresses;
    }

    private static string? Header(ConfigurationValues values)
    {
        if (values.Text("identity_header") is not { Length: > 0 } name)
            return null;
        if (name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'))
            return name;
        values.Refuse("identity_header", $"'{name}' is not the name of an HTTP header");
        return null;
    }

    private static Dictionary<string, Role> Roles(ConfigurationValues values)
    {
        var roles = new Dictionary<string, Role>();
        foreach (var (setting, role) in new[]
        {
            ("viewers", Role.Viewer), ("approvers", Role.Approver), ("administrators", Role.Administrator),
        })
        {
            foreach (var name in values.Words(setting))
            {
                // Everyone whom the proxy lets through may see; what changes something is for people with names.
                if (name == People.Others && role != Role.Viewer)
                    values.Refuse(setting, $"'{People.Others}' is possible for viewers only");
                else
                    roles[name] = role;
            }
        }

        return roles;
    }
}
