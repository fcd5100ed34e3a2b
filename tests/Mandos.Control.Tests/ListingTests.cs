using Mandos.Control.Hosting;
using Mandos.Control.Listing;

namespace Mandos.Control.Tests;

/// <summary>What upstream's options print is what upstream prints, byte for byte.</summary>
public sealed class ListingTests
{
    [Fact]
    public void The_table_matches_the_recording() => Assert.Equal(Golden.Text("ctl/table.txt"), Table(ClientColumn.Usual));

    [Fact]
    public void The_table_with_all_columns_matches_the_recording() =>
        Assert.Equal(Golden.Text("ctl/table-verbose.txt"), Table(ClientColumn.All));

    [Fact]
    public void The_JSON_matches_the_recording()
    {
        using var output = new StringWriter();
        PropertyDump.Write(Clients.Recorded(), output);
        Assert.Equal(Golden.Text("ctl/dump-json.txt"), output.ToString());
    }

    [Fact]
    public void Without_clients_the_JSON_is_an_empty_object()
    {
        using var output = new StringWriter();
        PropertyDump.Write([], output);
        Assert.Equal("{}\n", output.ToString());
    }

    [Fact]
    public void Without_clients_the_table_is_only_its_header()
    {
        using var output = new StringWriter();
        PlainTable.Write([], ClientColumn.Usual, static text => text, static text => text.Length, output);
        Assert.Equal("Name Enabled Timeout Last Successful Check\n", output.ToString());
    }

    [Theory]
    [InlineData("é", "\\u00e9")]
    [InlineData("\U0001F600", "\\ud83d\\ude00")]
    [InlineData("a\"b\\c/d", "a\\\"b\\\\c/d")]
    [InlineData("\n\r\t\b\f", "\\n\\r\\t\\b\\f")]
    [InlineData("\x01\x1f\x7f<>&'+", "\\u0001\\u001f\x7f<>&'+")]
    public void JSON_is_ASCII_only(string host, string expected)
    {
        using var output = new StringWriter();
        PropertyDump.Write([Clients.With("a", ("Host", host))], output);
        Assert.Contains($"\"Host\": \"{expected}\",", output.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, "00:00:00")]
    [InlineData(999, "00:00:00")]
    [InlineData(300_000, "00:05:00")]
    [InlineData(86_399_999, "23:59:59")]
    [InlineData(86_400_000, "1T00:00:00")]
    [InlineData(93_785_000, "1T02:03:05")]
    [InlineData(31_449_600_000, "364T00:00:00")]
    public void A_duration_shows_days_only_if_it_has_any(long milliseconds, string expected) =>
        Assert.Equal(
            expected, new ClientColumn("Timeout", "Timeout", IsDuration: true).Value(Clients.With("a", ("Timeout", milliseconds))));

    [Fact]
    public void Without_a_terminal_columns_are_aligned_by_character_count()
    {
        using var output = new StringWriter();
        PlainTable.Write(
            [Clients.With("b\u4e2d"), Clients.With("e\u0301\U0001F600x")], [ClientColumn.All[0], ClientColumn.All[1]],
            static text => text, Tables.Terminal.WidthOf(Outputs.File()), output);
        Assert.Equal("Name Enabled\nb\u4e2d          \ne\u0301\U0001F600x        \n", output.ToString());
    }

    [Fact]
    public void On_a_terminal_columns_are_aligned_by_display_width()
    {
        using var output = new StringWriter();
        PlainTable.Write(
            [Clients.With("b\u4e2d"), Clients.With("e\u0301x")], [ClientColumn.All[0], ClientColumn.All[1]],
            static text => text, Tables.Terminal.WidthOf(Outputs.Screen()), output);
        Assert.Equal("Name Enabled\nb\u4e2d         \ne\u0301x          \n", output.ToString());
    }

    [Fact]
    public void Clients_are_selected_by_name_in_the_given_order() => Assert.Equal(
        ["b-1.example.org", "testclient"],
        Selection.Of(Clients.Recorded(), ["b-1.example.org", "testclient"]).Select(client => client.Name));

    [Fact]
    public void An_unknown_client_name_is_an_error_with_a_suggestion()
    {
        var failure = Assert.Throws<ControlFailure>(() => Selection.Of(Clients.Recorded(), ["testclient", "testcleint"]));
        Assert.Equal("no client has the name 'testcleint'; did you mean 'testclient'?", failure.Message);
    }

    private static string Table(IReadOnlyList<ClientColumn> columns)
    {
        using var output = new StringWriter();
        PlainTable.Write(Clients.Recorded(), columns, static text => text, static text => text.EnumerateRunes().Count(), output);
        return output.ToString();
    }
}
