using Mandos.Bus.Introspection;
using Mandos.Bus.Messages;
using Mandos.Core.OpenPgp.Messages;
using Mandos.Server.Bus.Interfaces;
using Mandos.Server.Bus.Objects;
using Mandos.Server.Bus.Requests;
using Mandos.Server.Clients;
using Mandos.Server.Logging;
using Microsoft.Extensions.Logging;

namespace Mandos.Server.Bus;

/// <summary>
/// Answers callers: a read immediately, from what is visible on the bus; a change when it is durable and its signals have been sent. Called
/// only by the loop.
/// </summary>
/// <param name="registry">Makes the changes.</param>
/// <param name="settings">Facts about the server, and the log level.</param>
/// <param name="clients">What is visible on the bus.</param>
/// <param name="queue">Takes the answers to changes.</param>
/// <param name="signal">Sends a signal after the earlier ones.</param>
/// <param name="log">Logs internal errors.</param>
/// <param name="decisions">Logs who changed what.</param>
internal sealed class BusCallHandler(
    IClientRegistry registry, BusSettings settings, ClientObjects clients, BusQueue queue, Action<BusSignal> signal, ILogger log,
    ILogger decisions)
{
    private readonly List<Task> _changes = [];

    /// <summary>
    /// Answers a caller, now or later. <paramref name="done"/> is called before the answer is sent, because a caller that has its answer
    /// may call again immediately and must no longer be counted.
    /// </summary>
    internal void Answer(BusRequest request, Action done)
    {
        try
        {
            // Looked up before the change: afterwards the client may not exist, and the caller may have disconnected.
            var client = ClientOf(request);
            if (Change(request) is { } change)
            {
                _changes.RemoveAll(c => c.IsCompleted);
                _changes.Add(FollowAsync(request, client, BusPerson.FindAsync(request.Call), change, done));
                return;
            }
        }
        catch (Exception e)
        {
            done();
            Fail(request, e);
            return;
        }

        done();
        try
        {
            Read(request);
        }
        catch (Exception e)
        {
            Fail(request, e);
        }
    }

    /// <summary>Waits for the changes that are in progress.</summary>
    internal async Task EndAsync() =>
        await Task.WhenAll(_changes).WaitAsync(settings.FarewellTime).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    /// <summary>The signal for a changed property of the server.</summary>
    internal BusSignal ServerChanged(string property)
    {
        var view = ServerView();
        return ClientSignals.PropertiesChanged(Names.Root, Names.MoreServer, w =>
        {
            var definition = ServerProperties.All.First(p => p.Name == property);
            w.OpenEntry("sv");
            w.WriteString(property);
            definition.WriteVariant(w, view);
            w.Close();
        });
    }

    /// <summary>Starts a change of a client; null if the request is not a change.</summary>
    private Task<ChangeOutcome>? Change(BusRequest request)
    {
        switch (request)
        {
            case BusRequest.ChangeClient change:
                WarnOf(request, change.Change.SecretFault);
                using (change.Change)
                    return change.Change.ApplyAsync(registry, Find(request.Call.Path).State.Name);
            case BusRequest.RemoveClient remove:
                return registry.ApplyAsync(Find(remove.Path).State.Name, new ClientEvent.Remove());
            case BusRequest.ActFor act:
                return registry.ApplyAsync(act.Client, act.Event);
            case BusRequest.AddClient add:
                WarnOf(request, MessageFault.Of(add.Definition.Secret.Memory.Span));
                return registry.AddAsync(add.Definition);
            default:
                return null;
        }
    }

    private void Fail(BusRequest request, Exception failure)
    {
        if (failure is BusException refusal)
        {
            request.Call.ReplyError(refusal.Name, refusal.Message);
            return;
        }

        log.InternalError(failure, request.Call.Sender, request.Text);
        request.Call.ReplyError(BusErrors.Failed, "internal error");
    }

    private void WarnOf(BusRequest request, string? secretFault)
    {
        if (secretFault is not null)
            log.SecretFault(request.Call.Sender, request.Text, secretFault);
    }

    private async Task FollowAsync(BusRequest request, string client, Task<BusPerson> asking, Task<ChangeOutcome> change, Action done)
    {
        ChangeOutcome outcome;
        try
        {
            outcome = await change.ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            outcome = new(ChangeOutcomeKind.NotSaved, "the server is stopping");
        }
        catch (Exception e)
        {
            log.InternalError(e, request.Call.Sender, request.Text);
            outcome = new(ChangeOutcomeKind.NotSaved, "internal error");
        }

        queue.Add(new BusItem.Act(() =>
        {
            done();
            Conclude(request, outcome);
            return Task.CompletedTask;
        }));
        var person = await asking.ConfigureAwait(false);
        if (outcome.Kind == ChangeOutcomeKind.Done)
            decisions.ChangedByUser(client, request.Text, person.Uid, person.User, person.Pid);
        else
            decisions.RefusedToUser(client, request.Text, person.Uid, person.User, person.Pid, outcome.Detail ?? outcome.Kind.ToString());
    }

    /// <summary>The name of the client that a request concerns; empty if it concerns none, or one that does not exist.</summary>
    private string ClientOf(BusRequest request) => request switch
    {
        BusRequest.AddClient add => add.Definition.Name,
        BusRequest.ActFor act => act.Client,
        BusRequest.ChangeClient change => clients.TryFindPath(change.Call.Path, out var found) ? found.State.Name : "",
        BusRequest.RemoveClient remove => clients.TryFindPath(remove.Path, out var found) ? found.State.Name : "",
        _ => "",
    };

    private void Conclude(BusRequest request, ChangeOutcome outcome)
    {
        var call = request.Call;
        switch (outcome.Kind)
        {
            case ChangeOutcomeKind.Done when request is BusRequest.AddClient add:
                // Its step was processed before this; unless the client was removed again, it exists.
                var path = clients.TryFind(add.Definition.Name, out var added) ? added.Path : ClientPath.Of(add.Definition.Name);
                call.Reply(w => w.WriteObjectPath(path));
                break;
            case ChangeOutcomeKind.Done:
                call.Reply();
                break;
            case ChangeOutcomeKind.NoSuchClient:
                call.ReplyError(BusErrors.UnknownObject, outcome.Detail ?? "no such client");
                break;
            case ChangeOutcomeKind.Refused:
                call.ReplyError(BusErrors.InvalidArguments, outcome.Detail ?? "this is not possible");
                break;
            default:
                call.ReplyError(BusErrors.Failed, outcome.Detail ?? "it could not be saved");
                break;
        }
    }

    private void Read(BusRequest request)
    {
        var call = request.Call;
        switch (request)
        {
            case BusRequest.Introspect:
                var text = Introspect(call.Path);
                call.Reply(w => w.WriteString(text));
                break;
            case BusRequest.GetProperty get:
                call.Reply(Property(get));
                break;
            case BusRequest.GetAllProperties all:
                call.Reply(Properties(all));
                break;
            case BusRequest.ListObjects:
                call.Reply(List(clients.All, "{oa{sa{sv}}}", "oa{sa{sv}}", ClientInterfaces.WriteAll));
                break;
            case BusRequest.ListProperties:
                call.Reply(
                    List(clients.All, "{oa{sv}}", "oa{sv}", static (w, c) => ClientProperties.WriteAll(w, c, ClientProperties.Original)));
                break;
            case BusRequest.ListClients:
                var paths = clients.All;
                call.Reply(w =>
                {
                    w.OpenArray("o");
                    foreach (var client in paths)
                        w.WriteObjectPath(client.Path);
                    w.Close();
                });
                break;
            case BusRequest.GetStatistics:
                var counters = settings.Statistics.Values;
                call.Reply(w =>
                {
                    w.OpenArray("{st}");
                    foreach (var (name, value) in counters)
                    {
                        w.OpenEntry("st");
                        w.WriteString(name);
                        w.WriteUInt64(value);
                        w.Close();
                    }

                    w.Close();
                });
                break;
            case BusRequest.GetHistory history:
                var records = settings.History(history.Client, history.Before, history.Most);
                call.Reply(w => HistoryRecords.Write(w, records));
                break;
            case BusRequest.Reload:
                settings.Reload();
                log.Asked(call.Sender, request.Text);
                call.Reply();
                break;
            case BusRequest.SetLogLevel set:
                SetLogLevel(set);
                break;
        }
    }

    private void SetLogLevel(BusRequest.SetLogLevel set)
    {
        var changes = settings.LogThreshold.Level != set.Level;
        settings.LogThreshold.Level = set.Level;
        log.Asked(set.Call.Sender, $"{set.Text} to {LogLevelName.Of(set.Level)}");
        if (changes)
            signal(ServerChanged(ServerProperties.LogLevel));
        // Queued, so that it follows the signals so far.
        queue.Add(new BusItem.Act(() =>
        {
            set.Call.Reply();
            return Task.CompletedTask;
        }));
    }

    private string Introspect(string path)
    {
        if (path == Names.Root)
            return IntrospectionText.Of(path, ServerInterfaces.All, [ClientPath.Parent[1..]]);
        return path == ClientPath.Parent
            ? IntrospectionText.Of(path, [StandardInterfaces.Introspectable], clients.All.Select(c => c.Element))
            : IntrospectionText.Of(Find(path).Path, ClientInterfaces.All, []);
    }

    private BusBody Property(BusRequest.GetProperty get)
    {
        if (get.Call.Path == Names.Root)
        {
            var server = ServerView();
            var fact = ServerProperties.Of(get.Interface).FirstOrDefault(p => p.Name == get.Property) ?? throw MissingProperty.Of(
                ServerInterfaces.All, get.Interface, get.Property);
            return w => fact.WriteVariant(w, server);
        }

        var client = Find(get.Call.Path);
        var property = ClientProperties.Of(get.Interface).FirstOrDefault(p => p.Name == get.Property) ?? throw MissingProperty.Of(
            ClientInterfaces.All, get.Interface, get.Property);
        return property.Value is null
            ? throw new BusException(BusErrors.AccessDenied, $"{property.Name} can be set, but not read")
            : w => property.WriteVariant(w, client);
    }

    private BusBody Properties(BusRequest.GetAllProperties all)
    {
        if (all.Call.Path == Names.Root)
        {
            var server = ServerView();
            return w => ServerProperties.Write(w, server, ServerProperties.Of(all.Interface));
        }

        var client = Find(all.Call.Path);
        return w => ClientProperties.WriteAll(w, client, ClientProperties.Of(all.Interface));
    }

    private static BusBody List(ClientObject[] clients, string element, string entry, ClientValue write) => w =>
    {
        w.OpenArray(element);
        foreach (var client in clients)
        {
            w.OpenEntry(entry);
            w.WriteObjectPath(client.Path);
            write(w, client);
            w.Close();
        }

        w.Close();
    };

    private ServerView ServerView() => new(settings.Facts(), clients.SecretsGiven, settings.LogThreshold.Level);

    private ClientObject Find(string path) =>
        clients.TryFindPath(path, out var found) ? found : throw new BusException(BusErrors.UnknownObject, $"no client {path}");
}
