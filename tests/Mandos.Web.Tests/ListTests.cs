using System.Text.RegularExpressions;

namespace Mandos.Web.Tests;

/// <summary>Search, order and pages of the list.</summary>
public sealed partial class ListTests
{
    private readonly Browser _browser = new();

    public ListTests() => _browser.Mirror.Load(
    [
        Clients.Enabled("charlie", ("Expires", "2026-11-30T12:01:00Z"), ("LastCheckedOK", "2026-11-30T11:00:00Z")),
        Clients.Disabled("alpha"),
        Clients.Failing("bravo", "2026-11-30T12:03:00Z"),
        Clients.Pending("delta"),
    ]);

    [Theory]
    [InlineData("", "alpha bravo charlie delta")]
    [InlineData("sort=expires", "charlie bravo delta alpha")]
    [InlineData("sort=last-check", "alpha bravo delta charlie")]
    [InlineData("sort=state", "delta bravo alpha charlie")]
    [InlineData("sort=bogus", "alpha bravo charlie delta")]
    [InlineData("q=BRAVO", "bravo")]
    [InlineData("q=fail", "bravo")]
    [InlineData("q=charlie.example", "charlie")]
    [InlineData("q=%25", "")]
    [InlineData("page=7", "alpha bravo charlie delta")]
    public async Task The_list_is_searched_and_sorted(string query, string expected)
    {
        var page = await _browser.GetAsync($"/?{query}");
        Assert.Equal(expected, string.Join(' ', Row().Matches(page.Body).Select(match => match.Groups[1].Value)));
        Assert.Equal(expected.Length == 0, page.Body.Contains("No client matches.", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Five_thousand_clients_are_shown_a_hundred_at_a_time()
    {
        _browser.Mirror.Load([.. Enumerable.Range(0, 5000).Select(i => Clients.Enabled($"c{i:D4}"))]);
        var page = await _browser.GetAsync("/?page=50&sort=name&q=c");
        var rows = Row().Matches(page.Body);
        Assert.Equal((100, "c4900"), (rows.Count, rows[0].Groups[1].Value));
        Assert.Contains("Page 50 of 50", page.Body, StringComparison.Ordinal);
        Assert.Contains("href=\"/?q=c&amp;sort=name&amp;page=49\"", page.Body, StringComparison.Ordinal);
        Assert.DoesNotContain("page=51", page.Body, StringComparison.Ordinal);
    }

    [GeneratedRegex("<tr><td data-label=\"Name\"><a[^>]*>([^<]*)</a>")]
    private static partial Regex Row();
}
