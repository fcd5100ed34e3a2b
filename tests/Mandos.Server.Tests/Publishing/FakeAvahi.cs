using System.Globalization;
using Mandos.Bus.Connections;
using Mandos.Bus.Messages;

namespace Mandos.Server.Tests.Publishing;

/// <summary>Stands in for avahi-daemon on a bus: takes what it is asked for down, and does what a test says.</summary>
internal sealed class FakeAvahi : IBusObjects, IAsyncDisposable
{
    private readonly Timeline _timeline;
    private BusConnection? _connection;
    private int _groups;

    private FakeAvahi(Timeline timeline) => _timeline = timeline;

    /// <summary>What it tells who asks: 2, it is ready.</summary>
    internal int State { get; set; } = 2;

    /// <summary>Names that it announces for others.</summary>
    internal HashSet<string> Taken { get; } = [];

    /// <summary>What it answers to everything about groups instead of doing it.</summary>
    internal string? Refusal { get; set; }

    internal static async Task<FakeAvahi> StartAsync(string bus, Timeline timeline, Action<FakeAvahi>? adjust = null)
    {
        var avahi = new FakeAvahi(timeline);
        adjust?.Invoke(avahi);
        avahi._connection = await BusConnection.ConnectAsync(bus, avahi, TimeProvider.System, TestContext.Current.CancellationToken);
        Assert.True(await avahi._connection.RequestNameAsync("org.freedesktop.Avahi", TestContext.Current.CancellationToken));
        return avahi;
    }

    /// <summary>Tells everybody that it is in another state.</summary>
    internal Task BecomeAsync(int state)
    {
        State = state;
        return SignalAsync("/", "org.freedesktop.Avahi.Server", state);
    }

    /// <summary>Tells what became of the group that was made last.</summary>
    internal Task TellGroupAsync(int state) => SignalAsync(Group, "org.freedesktop.Avahi.EntryGroup", state);

    void IBusObjects.Receive(BusCall call, BusReader arguments)
    {
        if (call.Member == "GetState")
        {
            call.Reply(w => w.WriteInt32(State));
            return;
        }

        if (call.Member == "GetAlternativeServiceName")
        {
            var name = arguments.ReadString();
            var number = name.Split(" #") is [_, var text] ? int.Parse(text, CultureInfo.InvariantCulture) + 1 : 2;
            call.Reply(w => w.WriteString($"{name.Split(" #")[0]} #{number}"));
            return;
        }

        if (Refusal is { } refusal)
        {
            call.ReplyError("org.freedesktop.Avahi.NotPermittedError", refusal);
            return;
        }

        switch (call.Member)
        {
            case "EntryGroupNew":
                _groups++;
                call.Reply(w => w.WriteObjectPath(Group));
                break;
            case "AddService":
                Add(call, arguments);
                break;
            default:
                _timeline.Add($"avahi: {call.Member}");
                call.Reply();
                break;
        }
    }

    public async ValueTask DisposeAsync() => await _connection!.DisposeAsync();

    private string Group => $"/Client1/EntryGroup{_groups}";

    private void Add(BusCall call, BusReader arguments)
    {
        arguments.Expect("iiussssqaay");
        var (index, protocol, flags) = (arguments.ReadInt32(), arguments.ReadInt32(), arguments.ReadUInt32());
        var (name, type, domain, host) = (arguments.ReadString(), arguments.ReadString(), arguments.ReadString(), arguments.ReadString());
        var port = arguments.ReadUInt16();
        if (Taken.Contains(name))
        {
            call.ReplyError("org.freedesktop.Avahi.CollisionError", "Local name collision");
            return;
        }

        _timeline.Add(
            string.Create(
                CultureInfo.InvariantCulture, $"avahi: AddService {index} {protocol} {flags} '{name}' {type} '{domain}' '{host}' {port}"));
        call.Reply();
    }

    private Task SignalAsync(string path, string @interface, int state) => _connection!.SendAsync(
    [
        new BusSignal(path, @interface, "StateChanged", w =>
        {
            w.WriteInt32(state);
            w.WriteString("");
        }),
    ]);
}
