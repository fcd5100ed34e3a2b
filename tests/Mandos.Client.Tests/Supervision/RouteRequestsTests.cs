using System.Net;
using Mandos.Client.ProcessBoundary;
using Mandos.Client.Supervision;

namespace Mandos.Client.Tests.Supervision;

public sealed class RouteRequestsTests
{
    private const int Chosen = 3;
    private readonly List<string> _done = [];
    private readonly List<ControlMessage> _answers = [];
    private readonly RouteRequests _requests;

    public RouteRequestsTests() => _requests = new(
        index => index == Chosen,
        (host, index) =>
        {
            _done.Add($"add {host} {index}");
            return true;
        },
        (host, index) => _done.Add($"remove {host} {index}"),
        _answers.Add);

    [Fact]
    public void A_route_to_a_host_on_a_chosen_interface_is_added_and_removed()
    {
        _requests.Handle(Add(7, "2001:db8::1", Chosen));
        _requests.Handle(new(ControlKind.RemoveRoute, 7));
        Assert.Equal(["add 2001:db8::1 3", "remove 2001:db8::1 3"], _done);
        Assert.Equal([new(ControlKind.RouteAnswer, 7, Flag: true)], _answers);
    }

    [Theory]
    [InlineData("2001:db8::1", 4)]
    [InlineData("2001:db8::1", 0)]
    [InlineData("fe80::1", Chosen)]
    [InlineData("::1", Chosen)]
    [InlineData("::", Chosen)]
    [InlineData("ff02::fb", Chosen)]
    [InlineData("0.0.0.0", Chosen)]
    [InlineData("127.0.0.1", Chosen)]
    [InlineData("169.254.1.1", Chosen)]
    [InlineData("224.0.0.251", Chosen)]
    [InlineData("255.255.255.255", Chosen)]
    public void Any_other_route_request_is_refused(string host, int interfaceIndex)
    {
        _requests.Handle(Add(7, host, interfaceIndex));
        Assert.Empty(_done);
        Assert.Equal([new(ControlKind.RouteAnswer, 7, Flag: false)], _answers);
    }

    [Fact]
    public void Only_a_route_that_was_added_is_removed_and_only_once()
    {
        _requests.Handle(new(ControlKind.RemoveRoute, 7));
        _requests.Handle(Add(7, "10.0.0.1", Chosen));
        _requests.Handle(Add(7, "10.0.0.2", Chosen));
        _requests.Handle(new(ControlKind.RemoveRoute, 7));
        _requests.Handle(new(ControlKind.RemoveRoute, 7));
        Assert.Equal(["add 10.0.0.1 3", "remove 10.0.0.1 3"], _done);
    }

    [Fact]
    public void Requests_for_a_route_that_exists_are_remembered_up_to_a_limit_and_all_are_undone()
    {
        for (var request = 0; request < RouteRequests.MostRequests + 1000; request++)
            _requests.Handle(Add(request, "10.0.0.1", Chosen));
        Assert.Equal(RouteRequests.MostRequests, _done.Count);
        Assert.Equal(1000, _answers.Count(answer => !answer.Flag));
        _done.Clear();
        _requests.RemoveAll();
        Assert.Equal(Enumerable.Repeat("remove 10.0.0.1 3", RouteRequests.MostRequests), _done);
    }

    [Theory]
    [InlineData((int)ControlKind.Begin)]
    [InlineData((int)ControlKind.InterfaceUsable)]
    [InlineData((int)ControlKind.RouteAnswer)]
    public void Requests_meant_for_the_network_process_are_ignored(int kind)
    {
        _requests.Handle(new((ControlKind)kind, 1, Chosen, Address: IPAddress.Parse("10.0.0.1")));
        Assert.Empty(_done);
        Assert.Empty(_answers);
    }

    private static ControlMessage Add(int request, string host, int interfaceIndex) =>
        new(ControlKind.AddRoute, request, interfaceIndex, Address: IPAddress.Parse(host));
}
