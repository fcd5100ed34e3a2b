using System.Threading.Channels;
using Mandos.Bus.Connections;
using Mandos.Bus.Messages;
using Mandos.Server.Publishing.Responder;
using Microsoft.Extensions.Logging;

namespace Mandos.Server.Publishing.Avahi;

/// <summary>
/// Announces the service through avahi-daemon for the lifetime of a bus connection: whenever avahi-daemon is ready, under another name if
/// ours is taken, and again after it has restarted. While it is missing or refuses, our own responder is on. Events are handled one after
/// the other.
/// </summary>
internal sealed class AvahiSession(
    BusConnection connection, PublicationSettings settings, ServiceName name, ResponderSwitch responder, ILogger logger)
    : IAsyncDisposable
{
    private const string CollisionError = "org.freedesktop.Avahi.CollisionError";

    /// <summary>The maximum number of renames, as in upstream.</summary>
    private const int MostRenames = 32768;

    private readonly Channel<AvahiEvent> _events = Channel.CreateUnbounded<AvahiEvent>();
    private readonly CancellationTokenSource _end = new();
    private Task _following = Task.CompletedTask;
    private IAsyncDisposable? _ownerWatch;
    private IAsyncDisposable? _serverWatch;
    private AvahiServer? _server;
    private AvahiServerState _state;
    private AvahiGroup? _group;
    private int _index;
    private int _renames;

    /// <summary>Runs until cancelled; must be disposed afterwards.</summary>
    /// <exception cref="BusConnectionException">The connection is lost.</exception>
    internal async Task RunAsync(CancellationToken cancellationToken)
    {
        if (settings.Interface is { } one)
            _following = InterfaceFollower.RunAsync(one, index => Add(new AvahiEvent.Interface(index)), _end.Token);
        _ownerWatch = await connection.WatchOwnerAsync(
            AvahiServer.WellKnownName, owner => Add(new AvahiEvent.Owner(owner)), cancellationToken).ConfigureAwait(false);
        Add(new AvahiEvent.Owner(await connection.FindOwnerAsync(AvahiServer.WellKnownName, cancellationToken).ConfigureAwait(false)));
        while (true)
        {
            var next = await _events.Reader.ReadAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                await TakeAsync(next, cancellationToken).ConfigureAwait(false);
            }
            catch (BusException e)
            {
                // If avahi-daemon has exited, an event follows soon; if it refuses, it is not used until its state changes.
                logger.NotThroughAvahi(e.Message);
                await GiveUpAsync().ConfigureAwait(false);
            }
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync().ConfigureAwait(false);
        await _following.ConfigureAwait(false);
        await WithdrawAsync().ConfigureAwait(false);
        if (_serverWatch is not null)
            await _serverWatch.DisposeAsync().ConfigureAwait(false);
        if (_ownerWatch is not null)
            await _ownerWatch.DisposeAsync().ConfigureAwait(false);
        _end.Dispose();
    }

    private void Add(AvahiEvent next) => _events.Writer.TryWrite(next);

    private async Task TakeAsync(AvahiEvent next, CancellationToken cancellationToken)
    {
        switch (next)
        {
            case AvahiEvent.Owner(var owner) when owner is null || owner != _server?.Name:
                await MeetAsync(owner, cancellationToken).ConfigureAwait(false);
                break;
            case AvahiEvent.Server(var server, var state) when server == _server?.Name && state != _state:
                await FollowAsync(state, cancellationToken).ConfigureAwait(false);
                break;
            case AvahiEvent.Group(var path, var state) when path == _group?.Path:
                await FollowAsync(state, cancellationToken).ConfigureAwait(false);
                break;
            case AvahiEvent.Interface(var index) when index != _index:
                _index = index;
                if (_state == AvahiServerState.Running)
                    await PublishAsync(cancellationToken).ConfigureAwait(false);
                break;
        }
    }

    /// <summary>Handles a new avahi-daemon, or its end.</summary>
    private async Task MeetAsync(string? owner, CancellationToken cancellationToken)
    {
        if (_serverWatch is not null)
            await _serverWatch.DisposeAsync().ConfigureAwait(false);
        (_serverWatch, _server, _state) = (null, null, AvahiServerState.Invalid);
        await WithdrawAsync().ConfigureAwait(false);
        if (owner is null)
        {
            logger.AvahiAbsent();
            await responder.TurnOnAsync().ConfigureAwait(false);
            return;
        }

        _server = new AvahiServer(connection, owner);
        _serverWatch = await _server.WatchAsync(state => Add(new AvahiEvent.Server(owner, state)), cancellationToken).ConfigureAwait(false);
        await FollowAsync(await _server.GetStateAsync(cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
    }

    private async Task FollowAsync(AvahiServerState state, CancellationToken cancellationToken)
    {
        _state = state;
        switch (state)
        {
            case AvahiServerState.Running:
                await PublishAsync(cancellationToken).ConfigureAwait(false);
                break;
            case AvahiServerState.Registering or AvahiServerState.Collision:
                // avahi-daemon will soon be ready, under this host name or another one.
                await WithdrawAsync().ConfigureAwait(false);
                break;
            default:
                logger.NotThroughAvahi("it has failed");
                await GiveUpAsync().ConfigureAwait(false);
                break;
        }
    }

    private async Task FollowAsync(AvahiGroupState state, CancellationToken cancellationToken)
    {
        switch (state)
        {
            case AvahiGroupState.Established:
                logger.AnnouncedByAvahi(name.Current);
                break;
            case AvahiGroupState.Collision:
                await RenameAsync(cancellationToken).ConfigureAwait(false);
                await PublishAsync(cancellationToken).ConfigureAwait(false);
                break;
            case AvahiGroupState.Failure:
                logger.NotThroughAvahi("it cannot announce the service");
                await GiveUpAsync().ConfigureAwait(false);
                break;
        }
    }

    /// <summary>Announces, replacing what was announced before; our own responder has sent its goodbye.</summary>
    private async Task PublishAsync(CancellationToken cancellationToken)
    {
        await responder.TurnOffAsync().ConfigureAwait(false);
        if (settings.Interface is not null && _index == 0)
        {
            await WithdrawAsync().ConfigureAwait(false);
            return;
        }

        if (_group is null)
            _group = await _server!.MakeGroupAsync(
                (path, state) => Add(new AvahiEvent.Group(path, state)), cancellationToken).ConfigureAwait(false);
        else
            await _group.ResetAsync(cancellationToken).ConfigureAwait(false);
        while (!await TryAddAsync(_group, cancellationToken).ConfigureAwait(false))
            await RenameAsync(cancellationToken).ConfigureAwait(false);
        await _group.CommitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Adds the service; false if avahi-daemon itself announces another service with this name.</summary>
    private async Task<bool> TryAddAsync(AvahiGroup group, CancellationToken cancellationToken)
    {
        try
        {
            await group.AddServiceAsync(
                name.Current, settings, settings.Interface is null ? null : _index, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (BusException e) when (e.Name == CollisionError)
        {
            return false;
        }
    }

    private async Task RenameAsync(CancellationToken cancellationToken)
    {
        if (++_renames > MostRenames)
            throw new BusException(CollisionError, "every name is taken");
        name.Change(await _server!.FindAlternativeAsync(name.Current, cancellationToken).ConfigureAwait(false));
    }

    /// <summary>Stops using avahi-daemon until its state changes.</summary>
    private async Task GiveUpAsync()
    {
        await WithdrawAsync().ConfigureAwait(false);
        await responder.TurnOnAsync().ConfigureAwait(false);
    }

    private async Task WithdrawAsync()
    {
        if (_group is not { } group)
            return;
        _group = null;
        await group.DisposeAsync().ConfigureAwait(false);
    }
}
