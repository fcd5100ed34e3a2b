using System.Text;

namespace Mandos.Interop.Fleets;

/// <summary>One day of a fleet: what is done, waited for and written down. The script itself is in the other files of this type.</summary>
internal sealed partial class FleetDay
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly FleetSite _site;
    private readonly IReadOnlyList<FleetMember> _members;
    private readonly FleetSignals _signals;
    private readonly CancellationToken _token;
    private readonly List<(string Step, FleetMember Member, RunningProcess Process)> _unanswered = [];
    private string _step = "";
    private int _position;

    private FleetDay(FleetSite site, IReadOnlyList<FleetMember> members, CancellationToken cancellationToken)
    {
        _site = site;
        _members = members;
        _signals = new(members);
        _token = cancellationToken;
        _position = site.Bus.Count;
    }

    /// <summary>What was seen.</summary>
    public FleetJournal Journal { get; } = new();

    /// <summary>Lives through the day with a server of one or the other.</summary>
    public static async Task<FleetJournal> RunAsync(
        Laboratory laboratory, Implementation implementation, IReadOnlyList<FleetMember> members)
    {
        var day = new FleetDay(await FleetSite.MakeAsync(laboratory, implementation, members), members, laboratory.Token);
        try
        {
            await day.MorningAsync();
            await day.ApprovalsAsync();
            await day.ChecksAsync();
            await day.AdministrationAsync();
            await day.TooLateAsync();
            await day.RestartsAsync();
            await day.LookAtUnansweredAsync();
            return day.Journal;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            throw new InvalidOperationException($"{e.Message}\nin the step \"{day._step}\", after\n{day.Journal}", e);
        }
    }

    private FleetMember Member(string name) => _members.Single(m => m.Name == name);

    /// <summary>A part of the day; at its end all that the bus carried is written down.</summary>
    private async Task StepAsync(string name, Func<Task> act)
    {
        _step = name;
        await act();
        await _site.CatchUpAsync();
        var seen = _site.Bus.Since(_position);
        _position += seen.Count;
        foreach (var place in seen.Where(s => FleetSignals.Place(s) is not null).GroupBy(s => FleetSignals.Place(s)!))
        {
            foreach (var line in _signals.Tell([.. place]))
                Journal.Write(name, place.Key, line);
        }
    }

    /// <summary>Waits for a signal of a client after a position (null: in this step), on both interfaces.</summary>
    private Task<BusSignal> SignalAsync(string client, string member, int? position = null) => _site.Bus.WaitAsync(
        position ?? _position, s => s.Path == Member(client).Path && s.Member == member && s.Interface == "se.bsnet.fukt.Mandos.Client",
        $"{member} of {client}", Patience, _token);

    /// <summary>Waits for a new value of a client's property in this step; a value may be waited for once in a step.</summary>
    private Task<BusSignal> ChangeAsync(string client, string property, string value) => _site.Bus.WaitAsync(
        _position, s =>
            s.Path == Member(client).Path && s.ChangeOf(property) == value, $"{property} = {value} of {client}", Patience, _token);

    /// <summary>Waits until a client that asked after a position has got its password, and writes it down.</summary>
    private async Task GetsAsync(string name, int position, RunningProcess asking)
    {
        var done = await asking.WaitAsync(Patience, _token);
        await SignalAsync(name, "GotSecret", position);
        Journal.Write(_step, $"machine {name}", $"exit code {done.ExitCode}, {PasswordOf(Member(name), done.Output)}");
        await asking.DisposeAsync();
    }

    /// <summary>Asks, and gets it.</summary>
    private Task AsksAndGetsAsync(string name) => GetsAsync(name, _site.Bus.Count, _site.Ask(Member(name)));

    /// <summary>Waits until the server is done with a client that asked. Whether it got nothing is looked at in the end.</summary>
    private async Task GetsNothingAsync(string name, RunningProcess asking)
    {
        await _site.WaitForHangUpAsync(Member(name));
        _unanswered.Add((_step, Member(name), asking));
    }

    /// <summary>Asks as a client that the server knows, and gets nothing.</summary>
    private async Task AsksAndIsRejectedAsync(string name)
    {
        var position = _site.Bus.Count;
        var asking = _site.Ask(Member(name));
        await SignalAsync(name, "Rejected", position);
        await GetsNothingAsync(name, asking);
    }

    /// <summary>Asks as a client that the server does not know.</summary>
    private async Task AsksAndIsNotFoundAsync(string name, string server = "10.1.0.1")
    {
        var position = _site.Bus.Count;
        var asking = _site.Ask(Member(name), server);
        await _site.Bus.WaitAsync(
            position, s => s is { Member: "ClientNotFound", Interface: "se.bsnet.fukt.Mandos" }, "ClientNotFound", Patience, _token);
        await GetsNothingAsync(name, asking);
    }

    /// <summary>Debian's mandos-ctl: what it says is written down.</summary>
    private async Task ControlAsync(params string[] arguments)
    {
        var done = await _site.Server.RunAsync(new(), Patience, _token, "/usr/sbin/mandos-ctl", arguments);
        Journal.Write(_step, "mandos-ctl", $"$ mandos-ctl {string.Join(' ', arguments)}");
        foreach (var line in FleetListing.Lines(done.Text).Concat(FleetListing.Lines(done.Errors)))
            Journal.Write(_step, "mandos-ctl", line);
        Journal.Write(_step, "mandos-ctl", $"exit code {done.ExitCode}");
    }

    /// <summary>A check, ordered by the administrator, to its end.</summary>
    private async Task CheckAsync(string name)
    {
        var position = _site.Bus.Count;
        await ControlAsync("--start-checker", name);
        await SignalAsync(name, "CheckerCompleted", position);
    }

    /// <summary>Those that got no answer are still waiting, with nothing in their hands.</summary>
    private async Task LookAtUnansweredAsync()
    {
        foreach (var (step, member, process) in _unanswered)
        {
            var waits = !process.HasExited;
            process.Signal("TERM");
            var done = await process.WaitAsync(Patience, _token);
            Journal.Write(step, $"machine {member.Name}", $"{(waits ? "still waits" : "ended")}, {PasswordOf(member, done.Output)}");
        }
    }

    private static string PasswordOf(FleetMember member, byte[] output) =>
        output.Length == 0 ? "got nothing"
        : member.Secrets.Keys.FirstOrDefault(s => member.Password(s) == Encoding.UTF8.GetString(output)) is { } secret
            ? $"got its {secret} password"
        : $"got {Convert.ToHexString(output)}";
}
