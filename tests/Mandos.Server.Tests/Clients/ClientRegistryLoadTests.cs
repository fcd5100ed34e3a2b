using Mandos.Core.Linux.Processes;
using Mandos.Server.Clients;
using static Mandos.Server.Tests.Clients.ClientStory;

namespace Mandos.Server.Tests.Clients;

/// <summary>Many clients, many at a time.</summary>
public class ClientRegistryLoadTests
{
    [Fact]
    public async Task A_thousand_healthy_clients_stay_enabled_for_hours_and_coinciding_checks_share_a_save()
    {
        await using var rig = await RegistryRig.StartAsync([.. Enumerable.Range(0, 1000).Select(n => Definition($"c{n}", Settings))]);
        // As many as there are parts in which their lives begin, at most.
        Assert.InRange(rig.Store.Saves, 1, 8);
        rig.Checkers.AtOnce = _ => ChildExit.Exited(0);
        for (var i = 0; i < 120; i++)
            await rig.AdvanceAsync(TimeSpan.FromMinutes(1));
        Assert.All(rig.Registry.Clients, c => Assert.True(c.Enabled));
        Assert.InRange(rig.Checkers.Started, 58_000, 61_000);
        // A save that begins takes the checks of this minute and of the one before.
        Assert.InRange(rig.Store.Saves, 60, 500);
    }

    [Fact]
    public async Task Many_changes_of_one_client_keep_their_order_across_saves()
    {
        const int many = 20_000;
        await using var rig = await RegistryRig.StartAsync(Definition("a", Settings));
        var changes = Enumerable.Range(0, many)
            .Select(n => rig.Registry.ConfigureAsync("a", s => s with { Host = $"{n}" }))
            .ToArray();

        Assert.All(await Task.WhenAll(changes), outcome => Assert.Equal(ChangeOutcome.Done, outcome));

        Assert.Equal($"{many - 1}", rig["a"].Settings.Host);
        await rig.SettleAsync();
        Assert.Equal($"{many - 1}", rig.Store["a"]!.Settings.Host);
    }

    [Fact]
    public async Task Under_concurrent_operators_requests_and_checks_every_request_is_answered_and_every_change_saved()
    {
        await using var rig = await RegistryRig.StartAsync(
            [.. Enumerable.Range(0, 20).Select(n => Definition($"c{n}", n % 2 == 0 ? Settings : Guarded))]);
        rig.Checkers.AtOnce = _ => ChildExit.Exited(0);
        var answers = 0;
        await Task.WhenAll(Enumerable.Range(0, 16).Select(worker => Task.Run(async () =>
        {
            var random = new Random(worker);
            for (var i = 0; i < 100; i++)
            {
                var name = $"c{random.Next(20)}";
                switch (random.Next(8))
                {
                    case 0:
                        Assert.Equal(ChangeOutcome.Done, await rig.Registry.ApplyAsync(name, new ClientEvent.Disable()));
                        break;
                    case 1 or 2:
                        Assert.Equal(ChangeOutcome.Done, await rig.Registry.ApplyAsync(name, new ClientEvent.Enable()));
                        break;
                    case 3:
                        Assert.Equal(ChangeOutcome.Done, await rig.Registry.ApplyAsync(name, new ClientEvent.Decide(random.Next(2) == 0)));
                        break;
                    case 4:
                        Assert.Equal(
                            ChangeOutcome.Done, await rig.Registry.ApplyAsync(name, new ClientEvent.ReplaceSecret(Secret("secret"))));
                        break;
                    default:
                        using (var patience = new CancellationTokenSource(TimeSpan.FromMilliseconds(random.Next(1, 20))))
                        {
                            try
                            {
                                await using var answer = await rig.AskAsync(name, patience.Token);
                                Assert.True(answer.Secret is null || RegistryRig.Text(answer.Secret) == "secret");
                                answer.Delivered = answer.Secret is not null;
                                Interlocked.Increment(ref answers);
                            }
                            catch (OperationCanceledException)
                            {
                                // There was no decision, or the machine is slow.
                            }
                        }

                        break;
                }
            }
        })));
        await rig.SettleAsync();
        Assert.True(answers > 0);
        Assert.All(rig.Registry.Clients, c =>
        {
            Assert.Empty(c.Requests);
            Assert.True(c.SavesAs(rig.Store[c.Name]!));
        });
    }
}
