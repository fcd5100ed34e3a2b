using System.Net;
using Mandos.BusClient;
using Mandos.Core.Audit;

namespace Mandos.Web.Tests;

/// <summary>What browsers get.</summary>
public sealed class PageHandlerTests
{
    private readonly Browser _browser = new();

    [Fact]
    public async Task What_waits_for_a_decision_comes_first_with_the_time_that_is_left()
    {
        _browser.Mirror.Load([Clients.Enabled("one"), Clients.Pending("two")]);
        var page = await _browser.GetAsync("/");
        Assert.Equal(HttpStatusCode.OK, page.Status);
        Assert.Contains("<span role=\"status\">1 pending, 1 enabled</span>", page.Body, StringComparison.Ordinal);
        Assert.Contains("denied in <time data-until datetime=\"2026-11-30T12:00:30Z\">30 s</time> without a decision", page.Body, StringComparison.Ordinal);
        Assert.True(
            page.Body.IndexOf("Waiting for a decision", StringComparison.Ordinal) is > 0 and var first
            && first < page.Body.IndexOf("<table", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("vera", false, false)]
    [InlineData("axel", true, false)]
    [InlineData("anna", true, true)]
    public async Task A_person_sees_the_buttons_of_the_role(string person, bool approves, bool administers)
    {
        _browser.Mirror.Load([Clients.Pending("two", approvedByDefault: true)]);
        var list = await _browser.GetAsync("/", person);
        Assert.Equal(approves, list.Body.Contains("value=\"approve\"", StringComparison.Ordinal));
        Assert.Contains("approved in <time", list.Body, StringComparison.Ordinal);
        var page = await _browser.GetAsync("/client?name=two", person);
        Assert.Equal(approves, page.Body.Contains("value=\"deny\"", StringComparison.Ordinal));
        Assert.Equal(administers, page.Body.Contains("value=\"disable\"", StringComparison.Ordinal));
        Assert.Equal(administers, page.Body.Contains("href=\"/remove?name=two\"", StringComparison.Ordinal));
        Assert.Equal(administers, page.Body.Contains(">Checker<", StringComparison.Ordinal));
        Assert.Equal(
            administers ? HttpStatusCode.OK : HttpStatusCode.NotFound, (await _browser.GetAsync("/remove?name=two", person)).Status);
    }

    [Fact]
    public async Task Administrators_see_the_audit_trail_page_by_page()
    {
        for (var i = 250; i > 0; i--)
            _browser.Records.Add(Record(i, i % 2 == 0 ? "web<1>" : "web2"));
        var page = await _browser.GetAsync("/audit", "anna");
        Assert.Equal(HttpStatusCode.OK, page.Status);
        Assert.Equal(100, page.Body.Split("<tr><td").Length - 1);
        Assert.Contains("<a href=\"/client?name=web%3C1%3E\">web&lt;1&gt;</a>", page.Body, StringComparison.Ordinal);
        Assert.Contains("href=\"/audit?client=&amp;before=151\"", page.Body, StringComparison.Ordinal);
        page = await _browser.GetAsync("/audit?client=web2&before=100", "anna");
        Assert.Equal(50, page.Body.Split("<tr><td").Length - 1);
        Assert.DoesNotContain(">Earlier<", page.Body, StringComparison.Ordinal);
        Assert.DoesNotContain("denied 98", page.Body, StringComparison.Ordinal);
        Assert.Contains("No records.", (await _browser.GetAsync("/audit?client=web3", "anna")).Body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("vera")]
    [InlineData("axel")]
    public async Task The_audit_trail_is_for_administrators(string person)
    {
        Assert.Equal(HttpStatusCode.Forbidden, (await _browser.GetAsync("/audit", person)).Status);
        Assert.DoesNotContain("/audit", (await _browser.GetAsync("/", person)).Body, StringComparison.Ordinal);
        Assert.Contains("href=\"/audit\"", (await _browser.GetAsync("/", "anna")).Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_page_of_a_client_has_its_records()
    {
        _browser.Mirror.Load([Clients.Enabled("one")]);
        _browser.Records.AddRange([Record(2, "two"), Record(1, "one")]);
        var page = await _browser.GetAsync("/client?name=one");
        Assert.Contains("denied 1", page.Body, StringComparison.Ordinal);
        Assert.DoesNotContain("denied 2", page.Body, StringComparison.Ordinal);
        _browser.Failure = new(BusFailureKind.NotMandos, "no such method", null);
        page = await _browser.GetAsync("/client?name=one");
        Assert.Equal(HttpStatusCode.OK, page.Status);
        Assert.Contains("The audit trail of this server cannot be read.", page.Body, StringComparison.Ordinal);
    }

    private static AuditRecord Record(long number, string client) => new()
    {
        Number = number,
        Time = Clients.Now,
        Server = "vault",
        Event = "Denied",
        Text = $"client [{client}]: denied {number}",
        Fields = [new("client", client)],
    };

    [Theory]
    [InlineData("approve", "axel", "Approve two for axel", "/")]
    [InlineData("deny", "anna", "Deny two for anna", "/")]
    [InlineData("enable", "anna", "Enable two for anna", "/client?name=two")]
    [InlineData("disable", "anna", "Disable two for anna", "/client?name=two")]
    [InlineData("remove", "anna", "Remove two for anna", "/")]
    public async Task A_button_does_what_it_says_with_the_name_of_the_person(string action, string person, string done, string next)
    {
        var answer = await _browser.PostAsync($"name=two&action={action}", person);
        Assert.Equal((HttpStatusCode.SeeOther, next), (answer.Status, answer.Headers.Location.ToString()));
        Assert.Equal([done], _browser.Done);
    }

    [Theory]
    [InlineData("approve", "vera")]
    [InlineData("disable", "axel")]
    [InlineData("remove", "axel")]
    [InlineData("approve", "stranger")]
    public async Task A_role_that_is_too_low_does_nothing(string action, string person)
    {
        var answer = await _browser.PostAsync($"name=two&action={action}", person);
        Assert.Equal(HttpStatusCode.Forbidden, answer.Status);
        Assert.Empty(_browser.Done);
    }

    /// <summary>A page of another site cannot press a button, whatever the browser sends.</summary>
    [Theory]
    [InlineData("cross-site", null)]
    [InlineData("same-site", null)]
    [InlineData("none", null)]
    [InlineData("cross-site", "https://mandos.example")]
    [InlineData(null, "https://evil.example")]
    [InlineData(null, "null")]
    [InlineData(null, null)]
    public async Task A_form_of_another_site_does_nothing(string? site, string? origin)
    {
        var answer = await _browser.PostAsync("name=two&action=approve", "anna", site, origin);
        Assert.Equal(HttpStatusCode.Forbidden, answer.Status);
        Assert.Empty(_browser.Done);
    }

    [Fact]
    public async Task An_older_browser_that_sends_only_the_origin_is_served()
    {
        var answer = await _browser.PostAsync("name=two&action=approve", "anna", site: null, origin: "https://mandos.example");
        Assert.Equal(HttpStatusCode.SeeOther, answer.Status);
    }

    [Theory]
    [InlineData("name=two")]
    [InlineData("action=approve")]
    [InlineData("name=two&action=explode")]
    [InlineData("")]
    public async Task An_incomplete_form_does_nothing(string form)
    {
        Assert.Equal(HttpStatusCode.BadRequest, (await _browser.PostAsync(form)).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await _browser.PostAsync("name=two&action=approve", type: "text/plain")).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await _browser.PostAsync("name=two&action=approve&x=" + new string('x', 5000))).Status);
        Assert.Empty(_browser.Done);
    }

    [Fact]
    public async Task A_failure_of_the_server_is_shown_and_logged()
    {
        _browser.Mirror.Load([Clients.Enabled("two")]);
        _browser.Failure = new(BusFailureKind.Refused, "the server reports: no client [two]", "look");
        var answer = await _browser.PostAsync("name=two&action=enable");
        Assert.Equal(HttpStatusCode.BadGateway, answer.Status);
        Assert.Contains("Not done: the server reports: no client [two] (hint: look).", answer.Body, StringComparison.Ordinal);
        Assert.Equal(["Enable of client [two] for anna: the server reports: no client [two]"], _browser.Log);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("a\nb")]
    [InlineData("*")]
    [InlineData("stranger")]
    public async Task Without_a_name_or_a_role_nothing_about_the_clients_is_shown(string? person)
    {
        _browser.Mirror.Load([Clients.Enabled("topsecret")]);
        foreach (var path in (string[])["/", "/client?name=topsecret", "/events", "/live.js"])
        {
            var answer = await _browser.GetAsync(path, person);
            Assert.Equal(HttpStatusCode.Forbidden, answer.Status);
            Assert.DoesNotContain("topsecret", answer.Body, StringComparison.Ordinal);
            Assert.DoesNotContain("1 enabled", answer.Body, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_header_that_is_given_twice_is_no_login()
    {
        var answer = await _browser.SendAsync(context =>
        {
            context.Request.Method = "GET";
            Browser.SetAddress(context.Request, "/", Browser.Host);
            context.Request.Headers["Remote-User"] = new(["vera", "anna"]);
        });
        Assert.Equal(HttpStatusCode.Forbidden, answer.Status);
    }

    /// <summary>A name of an attacker's that resolves to us (DNS rebinding).</summary>
    [Theory]
    [InlineData("evil.example")]
    [InlineData("mandos.example:8443")]
    [InlineData("")]
    public async Task Another_host_name_is_refused(string host) =>
        Assert.Equal(HttpStatusCode.MisdirectedRequest, (await _browser.GetAsync("/", host: host)).Status);

    [Fact]
    public async Task A_name_of_a_client_never_becomes_markup()
    {
        const string Name = "<script>alert(1)</script>\"'&\u202e";
        _browser.Mirror.Load([Clients.Pending(Name, approvedByDefault: false)]);
        foreach (var path in (string[])["/", $"/client?name={Uri.EscapeDataString(Name)}", $"/remove?name={Uri.EscapeDataString(Name)}"])
        {
            var answer = await _browser.GetAsync(path, "anna");
            Assert.Equal(HttpStatusCode.OK, answer.Status);
            Assert.DoesNotContain("<script>alert", answer.Body, StringComparison.Ordinal);
            Assert.DoesNotContain("\u202e", answer.Body, StringComparison.Ordinal);
            Assert.Contains("&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&amp;\\u202e", answer.Body, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Every_answer_forbids_what_the_pages_do_not_need()
    {
        foreach (var path in (string[])["/", "/nothing", "/style.css"])
        {
            var headers = (await _browser.GetAsync(path)).Headers;
            Assert.StartsWith("default-src 'none'; ", headers.ContentSecurityPolicy.ToString(), StringComparison.Ordinal);
            Assert.DoesNotContain("unsafe", headers.ContentSecurityPolicy.ToString(), StringComparison.Ordinal);
            Assert.Equal("nosniff", headers.XContentTypeOptions.ToString());
        }
    }

    [Theory]
    [InlineData("/nothing", "GET", HttpStatusCode.NotFound)]
    [InlineData("/client?name=nothing", "GET", HttpStatusCode.NotFound)]
    [InlineData("/", "PUT", HttpStatusCode.MethodNotAllowed)]
    [InlineData("/act", "GET", HttpStatusCode.MethodNotAllowed)]
    [InlineData("/", "HEAD", HttpStatusCode.OK)]
    public async Task Other_addresses_and_methods_have_the_usual_status(string path, string method, HttpStatusCode status)
    {
        var answer = await _browser.GetAsync(path, method: method);
        Assert.Equal(status, answer.Status);
        Assert.Equal(method == "HEAD", answer.Body.Length == 0);
    }

    [Fact]
    public async Task The_line_at_the_top_says_that_there_is_no_server_or_no_bus()
    {
        _browser.Mirror.Load(null);
        Assert.Contains(">no Mandos server is running</span>", (await _browser.GetAsync("/")).Body, StringComparison.Ordinal);
        _browser.Mirror.Fail("", new(BusFailureKind.Bus, "the connection to the system bus is lost"));
        Assert.Contains(">the connection to the system bus is lost</span>", (await _browser.GetAsync("/")).Body, StringComparison.Ordinal);
        _browser.Mirror.Load([]);
        Assert.Contains(">0 enabled</span>", (await _browser.GetAsync("/")).Body, StringComparison.Ordinal);
    }

    /// <summary>Everything that a browser loads for the pages besides the list.</summary>
    [Fact]
    public async Task The_pages_are_small()
    {
        var total = 0;
        foreach (var path in (string[])["/", "/style.css", "/live.js"])
            total += (await _browser.GetAsync(path)).Body.Length;
        Assert.InRange(total, 1000, 60 << 10);
    }
}
