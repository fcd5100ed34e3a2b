using Mandos.BusClient;
using Mandos.Monitor.Following;

namespace Mandos.Monitor.Tests;

public sealed class ClientTableTests
{
    private readonly ClientTable _table = new();

    private string Shown
    {
        get
        {
            _table.Settle(Clients.Now);
            return string.Join(' ', Enumerable.Range(0, _table.ShownCount).Select(i => _table.Shown(i).Name));
        }
    }

    [Fact]
    public void Clients_are_sorted_by_name_and_those_that_wait_come_first()
    {
        _table.Replace([Clients.Enabled("c"), Clients.Disabled("a"), Clients.Pending("z", "2026-11-30T11:59:50Z"), Clients.Pending("y")]);
        Assert.Equal("y z a c", Shown);
        _table.Put(Clients.Enabled("z"));
        _table.Remove("/clients/a");
        Assert.Equal("y c z", Shown);
    }

    [Theory]
    [InlineData("Name", "a b c d")]
    [InlineData("Expires", "c a b d")]
    [InlineData("LastCheck", "c d b a")]
    [InlineData("Status", "b a c d")]
    public void Every_order_is_kept(string order, string names)
    {
        _table.Replace(
            [Clients.Enabled("a", ("LastCheckedOK", "2026-11-30T11:59:00Z")), Clients.Failing("b"),
                Clients.Enabled("c", ("Expires", "2026-11-30T12:01:00Z")), Clients.Disabled("d")]);
        _table.Put(_table.Find("/clients/b")!.With([new("LastCheckedOK", "2026-11-30T11:00:00Z")]));
        _table.SortBy(Enum.Parse<ClientOrder>(order));
        Assert.Equal(names, Shown);
    }

    [Theory]
    [InlineData("WEB", "web1 web2")]
    [InlineData("disabled", "web2")]
    [InlineData("db.example", "db")]
    [InlineData("nothing", "")]
    public void A_filter_finds_names_hosts_and_states(string filter, string names)
    {
        _table.Replace([Clients.Enabled("web1"), Clients.Disabled("web2"), Clients.Enabled("db")]);
        _table.Show(filter);
        Assert.Equal(names, Shown);
        Assert.Equal(names.Length == 0, _table.SelectedClient is null);
        _table.Show("");
        Assert.Equal("db web1 web2", Shown);
    }

    [Fact]
    public void The_selected_client_stays_selected_wherever_it_moves()
    {
        _table.Replace([Clients.Enabled("a"), Clients.Enabled("b"), Clients.Enabled("c")]);
        _ = Shown;
        _table.Select(1);
        _table.Put(Clients.Pending("c"));
        Assert.Equal("c a b", Shown);
        Assert.Equal("b", _table.SelectedClient!.Name);
        _table.Remove("/clients/b");
        _ = Shown;
        Assert.Equal("a", _table.SelectedClient!.Name);
        _table.Replace([]);
        _ = Shown;
        Assert.Null(_table.SelectedClient);
    }

    [Fact]
    public void Clients_are_counted_by_status()
    {
        _table.Replace([Clients.Enabled("a"), Clients.Disabled("b"), Clients.Pending("c")]);
        _table.Put(Clients.Failing("a"));
        _table.Put(Clients.Disabled("c"));
        _table.Remove("/clients/b");
        _table.Remove("/clients/b");
        Assert.Equal(
            [0, 1, 1, 0],
            new[] { ClientStatus.Pending, ClientStatus.Disabled, ClientStatus.Failing, ClientStatus.Enabled }.Select(_table.CountOf));
    }
}
