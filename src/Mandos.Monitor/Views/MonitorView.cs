using System.Globalization;
using System.Text;
using Mandos.BusClient;
using Mandos.Core.Text;
using Mandos.Monitor.Drawing;
using Mandos.Monitor.Following;
using Mandos.Monitor.Keyboard;

namespace Mandos.Monitor.Views;

/// <summary>What is on the screen, and what keys do to it. The caller holds the lock of the model.</summary>
/// <param name="model">What is shown.</param>
/// <param name="act">Does something with a client.</param>
internal sealed class MonitorView(MonitorModel model, Action<ClientState, ClientAct> act)
{
    private const int MaxFilter = 64;

    private readonly ListPane _list = new();
    private readonly LogPane _log = new();
    private Page _page;
    private bool _isLogFocused;

    /// <summary>The filter while it is typed; null if it is not.</summary>
    private StringBuilder? _typed;

    /// <summary>The client that the operator has been asked whether to remove.</summary>
    private ClientState? _toRemove;

    private enum Page
    {
        Clients,
        Details,
        Help,
    }

    /// <summary>Whether the operator wants to leave.</summary>
    internal bool IsOver { get; private set; }

    /// <summary>Whether the operator wants everything drawn again, once.</summary>
    internal bool WantsRedraw { get; set; }

    internal Canvas Draw(int columns, int rows, bool isUtf8, DateTimeOffset now)
    {
        model.Clients.Settle(now);
        var canvas = new Canvas(columns, rows, isUtf8);
        DrawTitle(canvas);
        var body = Math.Max(0, rows - 2);
        if (_page == Page.Help)
            HelpScreen.Draw(canvas, 1, body);
        else if (_page == Page.Details && model.Clients.SelectedClient is { } client)
            DetailsScreen.Draw(canvas, 1, body, client, now);
        else
            DrawClients(canvas, body, now);
        DrawPrompt(canvas, rows - 1);
        return canvas;
    }

    internal void Press(Key key)
    {
        if (key is { Kind: KeyKind.Control, Character.Value: 'C' })
            IsOver = true;
        else if (_toRemove is { } client)
            Answer(client, key);
        else if (_typed is not null)
            Type(key);
        else
            Command(key);
    }

    private void DrawTitle(Canvas canvas)
    {
        var clients = model.Clients;
        var text = new StringBuilder("mandos-monitor");
        if (model.HasServer == true)
            text.Append(
                CultureInfo.InvariantCulture,
                $"  {Quantity.Of(clients.Count, "client")}: {clients.CountOf(ClientStatus.Pending)} pending, "
                    + $"{clients.CountOf(ClientStatus.Disabled)} disabled, {clients.CountOf(ClientStatus.Failing)} failing");
        else
            text.Append(model.HasServer is null ? "  connecting" : "  no server");
        if (clients.Order != ClientOrder.Name)
            text.Append($"  by {OrderName(clients.Order)}");
        if (clients.Filter.Length > 0)
            text.Append(CultureInfo.InvariantCulture, $"  /{clients.Filter} ({clients.ShownCount})");
        var end = canvas.Put(0, 0, text.ToString(), new(Reverse: true));
        canvas.Fill(0, end, " ", new(Reverse: true));
    }

    private void DrawClients(Canvas canvas, int body, DateTimeOffset now)
    {
        var logRows = _log.IsVisible && body >= 6 ? Math.Max(3, body / 3) : 0;
        var listRows = body - (logRows > 0 ? logRows + 1 : 0);
        _list.Draw(canvas, 1, listRows, model.Clients, !_isLogFocused || logRows == 0, now);
        if (logRows == 0)
            return;
        canvas.Fill(1 + listRows, 0, canvas.Line, new(Bold: _isLogFocused));
        _log.Draw(canvas, 2 + listRows, logRows, model.Log);
    }

    private void DrawPrompt(Canvas canvas, int row)
    {
        var (text, style) =
            _toRemove is { } client ? ($"Remove {client.Name} from the server? (y/n)", new TextStyle(Tone.Error, Bold: true))
            : _typed is not null ? ($"/{_typed}_", default)
            : _page == Page.Clients ? ("?: help  q: quit", default)
            : ("Esc: back to the list", default);
        canvas.Put(row, 0, text, style);
    }

    private void Answer(ClientState client, Key key)
    {
        _toRemove = null;
        if (key.Is('y') || key.Is('Y'))
            act(client, ClientAct.Remove);
    }

    private void Type(Key key)
    {
        switch (key.Kind)
        {
            case KeyKind.Character when _typed!.Length < MaxFilter:
                _typed.Append(key.Character);
                break;
            case KeyKind.Backspace when _typed!.Length > 0:
                _typed.Length -= char.IsLowSurrogate(_typed[^1]) ? 2 : 1;
                break;
            case KeyKind.Enter:
                _typed = null;
                return;
            case KeyKind.Escape or KeyKind.Backspace:
                _typed = null;
                model.Clients.Show("");
                return;
        }

        model.Clients.Show(_typed!.ToString());
    }

    private void Command(Key key)
    {
        switch (key)
        {
            case { Kind: KeyKind.Character, Character.Value: 'q' or 'Q' }:
                IsOver = true;
                break;
            case { Kind: KeyKind.Help } or { Kind: KeyKind.Character, Character.Value: '?' }:
                _page = _page == Page.Help ? Page.Clients : Page.Help;
                break;
            case { Kind: KeyKind.Escape }:
                Escape();
                break;
            case { Kind: KeyKind.Control, Character.Value: 'L' }:
                WantsRedraw = true;
                break;
            case { Kind: KeyKind.Enter }:
                _page = _page == Page.Clients && model.Clients.SelectedClient is not null ? Page.Details : Page.Clients;
                break;
            case { Kind: KeyKind.Tab }:
                _isLogFocused = !_isLogFocused && _log.IsVisible;
                break;
            case { Kind: KeyKind.Click }:
                if (_page == Page.Clients && _list.At(key.Row) is { } index && index < model.Clients.ShownCount)
                    (_isLogFocused, _) = (false, Select(index));
                break;
            case { Kind: KeyKind.Character, Character.Value: var character } when Switch((char)character):
                break;
            case { Kind: KeyKind.Character or KeyKind.Control } when ActOf(key) is { } wanted && _page != Page.Help:
                Act(wanted);
                break;
            default:
                Move(key);
                break;
        }
    }

    private void Escape()
    {
        if (_page != Page.Clients)
            _page = Page.Clients;
        else if (model.Clients.Filter.Length > 0)
            model.Clients.Show("");
        else
            _page = Page.Help;
    }

    private bool Switch(char key)
    {
        switch (key)
        {
            case 'l' or 'D':
                _log.IsVisible = !_log.IsVisible;
                _isLogFocused &= _log.IsVisible;
                return true;
            case 'w' or 'i':
                _log.Wraps = !_log.Wraps;
                return true;
            case 'v':
                model.IsVerbose = !model.IsVerbose;
                model.Note(model.IsVerbose ? "good checks are logged, too" : "good checks are not logged");
                return true;
            case 'o':
                model.Clients.SortBy((ClientOrder)(((int)model.Clients.Order + 1) % Enum.GetValues<ClientOrder>().Length));
                return true;
            case '/':
                (_page, _typed) = (Page.Clients, new(model.Clients.Filter));
                return true;
            default:
                return false;
        }
    }

    private static ClientAct? ActOf(Key key) => (key.Kind, (char)key.Character.Value) switch
    {
        (KeyKind.Character, '+') => ClientAct.Enable,
        (KeyKind.Character, '-') => ClientAct.Disable,
        (KeyKind.Character, 'a') => ClientAct.Approve,
        (KeyKind.Character, 'd') => ClientAct.Deny,
        (KeyKind.Character, 's') => ClientAct.StartChecker,
        (KeyKind.Character, 'S') => ClientAct.StopChecker,
        (KeyKind.Character, 'C') => ClientAct.CountAsChecked,
        (KeyKind.Character, 'R' or '_') or (KeyKind.Control, 'K') => ClientAct.Remove,
        _ => null,
    };

    private void Act(ClientAct wanted)
    {
        if (model.Clients.SelectedClient is not { } client)
            return;
        if (wanted == ClientAct.Remove)
            _toRemove = client;
        else
            act(client, wanted);
    }

    private void Move(Key key)
    {
        var page = _isLogFocused ? _log.Page : _list.Page;
        int? lines = (key.Kind, (char)key.Character.Value) switch
        {
            (KeyKind.Up, _) or (KeyKind.Character, 'k') or (KeyKind.Control, 'P') => -1,
            (KeyKind.Down, _) or (KeyKind.Character, 'j') or (KeyKind.Control, 'N') => 1,
            (KeyKind.WheelUp, _) => -3,
            (KeyKind.WheelDown, _) => 3,
            (KeyKind.PageUp, _) or (KeyKind.Character, 'b') or (KeyKind.Meta, 'v') => -page,
            (KeyKind.PageDown, _) or (KeyKind.Character, 'f' or ' ') or (KeyKind.Control, 'V') => page,
            (KeyKind.Home, _) or (KeyKind.Character, 'g') => int.MinValue,
            (KeyKind.End, _) or (KeyKind.Character, 'G') => int.MaxValue,
            _ => null,
        };
        if (lines is not { } by || _page == Page.Help)
            return;
        if (!_isLogFocused)
            Select((int)Math.Clamp((long)model.Clients.Selected + by, 0, int.MaxValue));
        else if (by == int.MinValue)
            _log.MoveToStart();
        else if (by == int.MaxValue)
            _log.MoveToEnd();
        else
            _log.Move(by);
    }

    private bool Select(int index)
    {
        model.Clients.Select(index);
        return true;
    }

    private static string OrderName(ClientOrder order) => order switch
    {
        ClientOrder.Expires => "expiry",
        ClientOrder.LastCheck => "last check",
        ClientOrder.Status => "state",
        _ => "name",
    };
}
