using Mandos.BusClient;
using Mandos.Monitor.Drawing;
using Mandos.Monitor.Following;
using Mandos.Monitor.Keyboard;
using Mandos.Monitor.Views;
using Microsoft.Extensions.Time.Testing;

namespace Mandos.Monitor.Tests;

public sealed class MonitorViewTests
{
    private static readonly Key Enter = new(KeyKind.Enter), Escape = new(KeyKind.Escape), Tab = new(KeyKind.Tab);

    private readonly FakeTimeProvider _time = new(Clients.Now);
    private readonly List<string> _acts = [];
    private readonly MonitorModel _model;
    private readonly MonitorView _view;

    public MonitorViewTests()
    {
        _model = new(_time);
        _view = new(_model, (client, act) => _acts.Add($"{client.Name}: {act}"));
    }

    private IReadOnlyList<string> Draw(int columns = 80, int rows = 24)
    {
        var canvas = Paint(columns, rows);
        return [.. Enumerable.Range(0, rows).Select(canvas.Text)];
    }

    private Canvas Paint(int columns = 80, int rows = 24) => _view.Draw(columns, rows, isUtf8: true, _time.GetUtcNow());

    private void Press(params Key[] keys)
    {
        foreach (var key in keys)
        {
            _view.Press(key);
            _ = Draw();
        }
    }

    private void Load(params ClientState[] clients)
    {
        _model.Load(clients);
        _ = Draw();
    }

    [Fact]
    public void Maintenance_is_shown_and_can_be_searched()
    {
        Load(
            Clients.Enabled("a", ("Maintenance", "2026-11-30T14:00:00Z")), Clients.Enabled("b", ("Maintenance", "")),
            Clients.Failing("c").With([new("Maintenance", "2026-11-30T12:01:00Z")]));
        Assert.Equal(
            ["a: enabled, in maintenance for 2:00:00", "b: enabled", "c: in maintenance for 0:01:00, the last check failed"],
            Draw().Skip(1).Take(3).Select(line => line.TrimEnd()));
        foreach (var letter in "/mainten")
            Press(new Key(KeyKind.Character, new(letter)));
        Press(Enter);
        Assert.Equal(2, _model.Clients.ShownCount);
    }

    [Fact]
    public void Every_state_is_shown_with_its_countdown()
    {
        Load(
            Clients.Enabled("a"), Clients.Disabled("b"), Clients.Failing("c"), Clients.Pending("d"),
            Clients.Pending("e", "2026-11-30T11:59:40Z", approvedByDefault: true), Clients.Enabled("f", ("LastCheckerStatus", -2L)),
            Clients.Failing("g", "2026-12-02T12:05:00Z"));
        Assert.Equal(
            [
                "mandos-monitor  7 clients: 2 pending, 1 disabled, 2 failing",
                "d: waits for a decision, denied in 0:00:30 (a: approve)",
                "e: waits for a decision, approved in 0:00:40 (d: deny)",
                "a: enabled",
                "b: DISABLED",
                "c: the last check failed, disabled in 0:05:00",
                "f: enabled",
                "g: the last check failed, disabled in 48:05:00",
                "",
            ],
            Draw().Take(9));
        _time.Advance(TimeSpan.FromMinutes(6));
        Assert.Equal(
            ["d: waits for a decision, denied in 0:00:00 (a: approve)", "c: the last check failed, disabled in 0:00:00"],
            Draw().Where(line => line.StartsWith("d:", StringComparison.Ordinal) || line.StartsWith("c:", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData('a', "Approve")]
    [InlineData('d', "Deny")]
    [InlineData('+', "Enable")]
    [InlineData('-', "Disable")]
    [InlineData('s', "StartChecker")]
    [InlineData('S', "StopChecker")]
    [InlineData('C', "CountAsChecked")]
    public void A_key_acts_on_the_selected_client(char key, string act)
    {
        Load(Clients.Enabled("one"), Clients.Enabled("two"));
        Press(Key.Of('j'), Key.Of(key));
        Assert.Equal([$"two: {act}"], _acts);
    }

    [Theory]
    [InlineData("R")]
    [InlineData("_")]
    [InlineData("^K")]
    public void A_client_is_removed_only_after_yes(string key)
    {
        Load(Clients.Enabled("one"), Clients.Enabled("two"));
        var remove = key == "^K" ? Key.Control('K') : Key.Of(key[0]);
        Press(remove);
        Assert.Equal("Remove one from the server? (y/n)", Draw()[^1]);
        Press(Key.Of('n'), Key.Of('y'), remove, Escape, remove, Enter);
        Assert.Empty(_acts);
        // It is asked about one client, whichever is selected meanwhile.
        Press(remove);
        _model.Apply(new ServerSignal.Removed("/clients/one"));
        Press(Key.Of('y'));
        Assert.Equal(["one: Remove"], _acts);
        Assert.Equal("?: help  q: quit", Draw()[^1]);
    }

    [Theory]
    [InlineData("Down", "k", 0)]
    [InlineData("j", "Up", 0)]
    [InlineData("^N", "^P", 0)]
    [InlineData("PageDown", "b", 0)]
    [InlineData("f", "PageUp", 0)]
    [InlineData(" ", "M-v", 0)]
    [InlineData("^V", "b", 0)]
    [InlineData("G", "g", 0)]
    [InlineData("End", "Home", 0)]
    [InlineData("WheelDown", "WheelUp", 0)]
    [InlineData("Down", "", 1)]
    [InlineData("^N", "", 1)]
    [InlineData("PageDown", "", 13)]
    [InlineData("G", "", 99)]
    [InlineData("WheelDown", "", 3)]
    public void Keys_of_emacs_vi_and_less_move_the_selection(string there, string back, int position)
    {
        Load([.. Enumerable.Range(0, 100).Select(i => Clients.Enabled($"c{i:000}"))]);
        Press(Named(there));
        Assert.True(_model.Clients.Selected > 0);
        var selected = $"c{_model.Clients.Selected:000}";
        Assert.Contains(Draw(), line => line.StartsWith(selected, StringComparison.Ordinal));
        if (back.Length > 0)
            Press(Named(back));
        Assert.Equal(position, _model.Clients.Selected);
    }

    [Fact]
    public void The_focused_client_is_in_reverse_video_to_the_end_of_its_row()
    {
        Load(Clients.Enabled("one"), Clients.Enabled("two"));
        var canvas = Paint();
        Assert.True(canvas[1, 0].Style.Reverse && canvas[1, 79].Style.Reverse);
        Assert.False(canvas[2, 0].Style.Reverse);
        Press(new Key(KeyKind.Click, Row: 2));
        Assert.True(Paint()[2, 0].Style.Reverse);
    }

    [Fact]
    public void The_log_is_below_a_line_and_can_be_hidden_wrapped_and_scrolled()
    {
        Load(Clients.Enabled("one"));
        for (var i = 0; i < 50; i++)
            _model.Note(
                FormattableString.Invariant($"event {i:00} {new string('x', 60)} end"), i % 2 == 0 ? EventKind.Warning : EventKind.Plain);
        var lines = Draw();
        Assert.Equal(new string('─', 80), lines[15]);
        Assert.EndsWith("x end", string.Concat(lines[21], lines[22]), StringComparison.Ordinal);
        Press(Key.Of('w'));
        Assert.Contains("event 49", Draw()[22], StringComparison.Ordinal);
        Assert.Contains("event 43", Draw()[16], StringComparison.Ordinal);
        Assert.True(Paint()[21, 0].Style.Bold && !Paint()[22, 0].Style.Bold);
        Press(Tab, Key.Of('k'), new Key(KeyKind.PageUp));
        Assert.Contains("event 42", Draw()[22], StringComparison.Ordinal);
        Press(Key.Of('g'));
        Assert.Contains("connected to the Mandos server", Draw()[16], StringComparison.Ordinal);
        Press(Key.Of('G'), Key.Of('l'));
        Assert.DoesNotContain(Draw(), line => line.Contains("event", StringComparison.Ordinal));
        Press(Key.Of('D'));
        Assert.Contains("event 49", Draw()[22], StringComparison.Ordinal);
    }

    [Fact]
    public void Text_typed_after_a_slash_filters_the_list()
    {
        Load(Clients.Enabled("web1"), Clients.Enabled("db"), Clients.Disabled("web2"));
        Press(Key.Of('/'), Key.Of('w'), Key.Of('q'), new Key(KeyKind.Backspace), Key.Of('e'));
        Assert.Equal(["web1: enabled", "web2: DISABLED", ""], Draw().Skip(1).Take(3));
        Assert.Equal("/we_", Draw()[^1]);
        Press(Enter);
        Assert.EndsWith("/we (2)", Draw()[0], StringComparison.Ordinal);
        Press(Escape);
        Assert.Equal("db: enabled", Draw()[1]);
        Press(Key.Of('/'), Key.Of('w'), Escape);
        Assert.Equal("db: enabled", Draw()[1]);
        Assert.False(_view.IsOver);
    }

    [Fact]
    public void The_order_is_chosen_and_shown()
    {
        Load(Clients.Enabled("a"), Clients.Failing("b", "2026-11-30T12:01:00Z"));
        Press(Key.Of('o'));
        Assert.EndsWith("by expiry", Draw()[0], StringComparison.Ordinal);
        Assert.StartsWith("b:", Draw()[1], StringComparison.Ordinal);
        Press(Key.Of('o'), Key.Of('o'), Key.Of('o'));
        Assert.StartsWith("a:", Draw()[1], StringComparison.Ordinal);
    }

    [Fact]
    public void Details_show_every_property_and_keys_act_there_too()
    {
        Load(Clients.Enabled(
            "one", ("KeyID", new string('a', 64)), ("Checker", "fping -q -- %%(host)s"), ("LastCheckedOK", "2026-11-30T11:58:00Z"),
            ("Timeout", 300_000L)));
        Press(Enter);
        var lines = Draw();
        Assert.Contains("Host                   one.example", lines);
        Assert.Contains("Key ID                 " + new string('a', 57), lines);
        Assert.Contains("Timeout                5 min 0 s", lines);
        Assert.EndsWith("(2 min 0 s ago)", LineOf("Last good check"), StringComparison.Ordinal);
        Assert.EndsWith("(in 5 min 0 s)", LineOf("Expires"), StringComparison.Ordinal);
        Press(Key.Of('-'));
        Assert.Equal(["one: Disable"], _acts);
        Press(Escape);
        Assert.Equal("one: enabled", Draw()[1]);

        string LineOf(string title) => lines.Single(line => line.StartsWith(title, StringComparison.Ordinal));
    }

    [Fact]
    public void Help_lists_every_key_and_nothing_acts_behind_it()
    {
        Load(Clients.Enabled("one"));
        Press(Key.Of('?'));
        Assert.Contains(Draw(), line => line.Contains("remove (asks first)", StringComparison.Ordinal));
        Press(Key.Of('-'), Key.Of('R'));
        Assert.Empty(_acts);
        Press(new Key(KeyKind.Help));
        Assert.Equal("one: enabled", Draw()[1]);
        Press(Escape);
        Assert.Contains(Draw(), line => line.Contains("remove (asks first)", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("q")]
    [InlineData("Q")]
    [InlineData("^C")]
    public void The_operator_leaves(string key)
    {
        Press(Named(key));
        Assert.True(_view.IsOver);
    }

    [Fact]
    public void Control_L_draws_everything_again()
    {
        Press(Key.Control('L'));
        Assert.True(_view.WantsRedraw);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(3, 2)]
    [InlineData(20, 5)]
    [InlineData(200, 60)]
    public void Every_size_of_a_terminal_is_drawn(int columns, int rows)
    {
        Load([.. Enumerable.Range(0, 100).Select(i => Clients.Failing($"c{i:000}"))]);
        foreach (var key in (Key[])[Key.Of('x'), Enter, Key.Of('?'), Escape, Tab, Key.Of('G'), Key.Of('R')])
        {
            _view.Press(key);
            Assert.Equal(rows, Draw(columns, rows).Count);
        }
    }

    [Fact]
    public void Without_a_server_the_title_says_so()
    {
        Assert.Equal("mandos-monitor  connecting", Draw()[0]);
        _model.Load(null);
        Assert.Equal("mandos-monitor  no server", Draw()[0]);
    }

    private static Key Named(string name) => name switch
    {
        ['^', var letter] => Key.Control(letter),
        "M-v" => Key.Meta('v'),
        [var character] => Key.Of(character),
        _ => new(Enum.Parse<KeyKind>(name)),
    };
}
