using System.Text.RegularExpressions;

namespace Mandos.Interop.Packaging;

/// <summary>The man pages and documents, as mandoc and cmark-gfm read them.</summary>
public sealed partial class HtmlPagesTests : InteropTest
{
    [Fact]
    public async Task Mandoc_reports_no_problem_in_any_man_page() =>
        Assert.Equal("", await Lab.ShellOnHostAsync($"cd '{Golden.Root}' && {{ mandoc -T lint docs/man/* 2>&1 || true; }}"));

    [Fact]
    public async Task Every_page_exists_as_HTML_and_no_link_between_pages_is_broken()
    {
        var folder = Directory.CreateTempSubdirectory("mandos-html-").FullName;
        try
        {
            await Lab.ShellOnHostAsync($"'{Golden.Root}/scripts/html.sh' {folder}");
            var pages = Directory.GetFiles(folder).ToDictionary(file => Path.GetFileName(file), File.ReadAllText);
            Assert.Contains("index.html", pages.Keys);
            foreach (var source in Directory.GetFiles(Path.Combine(Golden.Root, "docs/man")))
                Assert.Contains($"{Path.GetFileName(source)}.html", pages.Keys);
            foreach (var source in Directory.GetFiles(Path.Combine(Golden.Root, "docs"), "*.md"))
                Assert.Contains($"{Path.GetFileNameWithoutExtension(source)}.html", pages.Keys);
            Assert.Equal([], pages.SelectMany(page => Broken(page.Key, page.Value, pages)));
            Assert.Contains("<a href=\"mandos-clients.conf.5.html\">", pages["mandos-ctl.8.html"], StringComparison.Ordinal);
            Assert.All(pages.Keys.Where(page => page != "index.html"), page => Assert.Contains($"href=\"{page}\"", pages["index.html"]));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static IEnumerable<string> Broken(string name, string page, Dictionary<string, string> pages)
    {
        foreach (Match link in Link().Matches(page))
        {
            var (file, heading) = (link.Groups["file"].Value, link.Groups["heading"].Value);
            if (file.Length > 0 && !pages.ContainsKey(file))
                yield return $"{name}: {link.Value}";
            // Within a man page mandoc makes the links.
            else if (heading.Length > 0 && (file.Length > 0 || !IsManualPage(name))
                && !pages[file.Length > 0 ? file : name].Contains($"id=\"{heading}\"", StringComparison.Ordinal))
                yield return $"{name}: {link.Value}";
        }
    }

    private static bool IsManualPage(string name) =>
        File.Exists(Path.Combine(Golden.Root, "docs/man", Path.GetFileNameWithoutExtension(name)));

    /// <summary>One that does not lead out of the folder's pages.</summary>
    [GeneratedRegex("""href="(?<file>[^":#]*)(?:#(?<heading>[^"]*))?(?=")""")]
    private static partial Regex Link();
}
