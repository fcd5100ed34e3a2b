using CsCheck;
using Mandos.Server.Bus.Interfaces;
using Mandos.Server.Bus.Objects;
using Mandos.Server.Clients;
using Mandos.Server.Tests.Clients;

namespace Mandos.Server.Tests.Bus;

public sealed class ClientPathTests
{
    [Theory]
    [InlineData("testclient", "/clients/testclient")]
    [InlineData("b-1.example.org", "/clients/b_1_example_org")]
    [InlineData("Foo_9", "/clients/Foo_9")]
    [InlineData("my client", "/clients/my_20client")]
    [InlineData("a@b", "/clients/a_40b")]
    [InlineData("åäö", "/clients/_C3_A5_C3_A4_C3_B6")]
    [InlineData("", "/clients/_")]
    public void Names_become_the_same_paths_as_in_the_original_and_other_characters_are_escaped(string name, string path) =>
        Assert.Equal(path, ClientPath.Of(name));

    [Fact]
    public void Names_with_the_same_path_get_a_number_and_keep_their_path()
    {
        var clients = new ClientObjects(new());
        foreach (var name in (string[])["a.b", "a-b", "a_b_2", "a_b"])
            clients.Put(State(name));
        Assert.Equal(["/clients/a_b", "/clients/a_b_2", "/clients/a_b_2_2", "/clients/a_b_3"], clients.All.Select(c => c.Path));
        Assert.True(clients.TryFind("a.b", out var first));
        clients.Remove(first);
        Assert.Equal("/clients/a_b_3", clients.Put(State("a_b")).Path);
        Assert.Equal("/clients/a_b", clients.Put(State("a.b")).Path);
    }

    [Fact]
    public void Every_client_name_gets_a_valid_and_unique_path() =>
        Gen.String.List[0, 20].Sample(names =>
        {
            var clients = new ClientObjects(new());
            foreach (var name in names)
                clients.Put(State(name));
            Assert.Equal(names.Distinct().Count(), clients.All.Select(c => c.Path).Distinct().Count());
            Assert.All(clients.All, c => Assert.Matches("^/clients/[A-Za-z0-9_]+$", c.Path));
        });

    private static ClientState State(string name) => ClientState.FirstSeen(ClientStory.Definition(name, ClientStory.Settings), default);
}
