using CsCheck;
using Mandos.Bus.Connections;
using Mandos.Bus.Introspection;
using Mandos.Bus.Messages;
using Mandos.Server.Bus.Interfaces;

namespace Mandos.Server.Tests.Bus;

/// <summary>Callers that send anything: each gets the right error, other callers are not affected, and no secret is revealed.</summary>
public sealed class HostileCallTests
{
    private const string Path = "/clients/testclient";
    private const string Numbers = "ynqiuxt";

    /// <summary>Every method of both objects, and of the node between them.</summary>
    private static readonly (string Path, string Interface, BusMethod Method)[] AllMethods =
    [
        .. Methods(Names.Root, ServerInterfaces.All),
        .. Methods("/clients", [StandardInterfaces.Introspectable]),
        .. Methods(Path, ClientInterfaces.All),
        .. Methods("/clients/missing", ClientInterfaces.All),
    ];

    /// <summary>Every property of both objects, under every name that its interface has.</summary>
    private static readonly (string Path, string Interface, BusProperty Property)[] AllProperties =
    [
        .. Properties(Names.Root, ServerInterfaces.All),
        .. Properties(Path, ClientInterfaces.All),
    ];

    /// <summary>What may be the matter with arguments of the right types.</summary>
    private static readonly string[] Refusals =
        [BusErrors.InvalidArguments, BusErrors.UnknownInterface, BusErrors.UnknownProperty, BusErrors.UnknownObject];

    [Fact]
    public async Task A_method_with_any_arguments_works_or_is_refused_correctly_and_the_server_keeps_running()
    {
        await using var server = await BusServer.StartAsync();
        await Gen.Int[0, AllMethods.Length - 1]
            .SelectMany(i => Gen.Select(Gen.Const(AllMethods[i]), Gen.Bool, AnyArguments.For(Signature(AllMethods[i].Method))))
            .SampleAsync(
            async (method, isNamed, arguments) =>
            {
                var refused = await CallAsync(server, method.Path, isNamed ? method.Interface : null, method.Method.Name, arguments.Write);
                if (arguments.Signature != Signature(method.Method))
                    Assert.Equal(BusErrors.InvalidArguments, refused?.Name);
                else if (refused is not null)
                    Assert.Contains(refused.Name, Refusals);
                if (refused is not null)
                    Assert.DoesNotContain("internal", refused.Message, StringComparison.Ordinal);
                await GoesOnAsync(server);
            },
            iter: 1000, threads: 1);
    }

    [Fact]
    public async Task Setting_a_property_to_an_arbitrary_value_succeeds_or_returns_the_right_error()
    {
        await using var server = await BusServer.StartAsync();
        await Gen.Select(Gen.Int[0, AllProperties.Length - 1].Select(i => AllProperties[i]), AnyArguments.Value).SampleAsync(
            async (property, value) =>
            {
                var (path, @interface, known) = property;
                var refused = await RefusalAsync(() => server.SetAsync(path, @interface, known.Name, value.Signature, value.Write));
                if (known.Access == BusAccess.Read)
                    Assert.Equal(BusErrors.PropertyReadOnly, refused?.Name);
                else if (!Takes(known, value.Signature))
                    Assert.Equal(BusErrors.InvalidArguments, refused?.Name);
                else if (refused is not null)
                    Assert.Equal(BusErrors.InvalidArguments, refused.Name);
                if (known.Access == BusAccess.Write)
                    Assert.Equal(BusErrors.AccessDenied, (await RefusalAsync(() => server.GetAsync(path, @interface, known.Name)))?.Name);
                else
                    Assert.StartsWith(known.Type, await server.GetAsync(path, @interface, known.Name), StringComparison.Ordinal);
            },
            iter: 2000, threads: 1);
    }

    [Fact]
    public async Task A_new_client_with_any_properties_is_added_or_refused()
    {
        await using var server = await BusServer.StartAsync();
        var names = ClientProperties.Original.Select(p => p.Name).Append("").ToArray();
        var property = Gen.Select(Gen.Int[0, names.Length - 1].Select(i => names[i]), AnyArguments.Value);
        await Gen.Select(Gen.ULong, property.Array[0, 3]).SampleAsync(
            async (key, properties) =>
            {
                var refused = await CallAsync(server, "/", Names.MoreServer, "AddClient", w =>
                {
                    w.WriteString($"new {key}");
                    w.OpenArray("{sv}");
                    Entry(w, "KeyID", "s", w => w.WriteString($"{key:x64}"));
                    foreach (var (name, value) in properties)
                        Entry(w, name, value.Signature, value.Write);
                    w.Close();
                    w.WriteBytes([1, 2, 3]);
                });
                if (refused is not null)
                    Assert.Equal(BusErrors.InvalidArguments, refused.Name);
                else
                    await server.CallAsync("/", Names.Server, "RemoveClient", w => w.WriteObjectPath($"/clients/new_20{key}"));
                await GoesOnAsync(server);
            },
            iter: 1000, threads: 1);
        Assert.Single(server.Registry.Clients);
    }

    [Fact]
    public async Task Arguments_of_excessive_size_or_depth_are_refused_and_the_server_keeps_running()
    {
        await using var server = await BusServer.StartAsync();
        var many = new byte[20_000_000];
        await RefusedAsync(Path, Names.Client, "Approve", w => w.WriteBytes(many));
        await RefusedAsync(Path, Names.Properties, "Set", w =>
        {
            w.WriteString(Names.Client);
            w.WriteString("Secret");
            w.OpenVariant("ay");
            w.WriteBytes(many);
            w.Close();
        });
        await RefusedAsync("/", Names.MoreServer, "AddClient", w =>
        {
            w.WriteString("new");
            w.OpenArray("{sv}");
            for (var number = 0; number < 50_000; number++)
                Entry(w, $"Property {number}", "t", w => w.WriteUInt64(1));
            w.Close();
            w.WriteBytes([1]);
        });
        await RefusedAsync(Path, Names.Properties, "Set", w =>
        {
            w.WriteString(Names.Client);
            w.WriteString("Timeout");
            for (var depth = 0; depth < 50; depth++)
                w.OpenVariant(depth < 49 ? "v" : "t");
            w.WriteUInt64(1);
            for (var depth = 0; depth < 50; depth++)
                w.Close();
        });

        async Task RefusedAsync(string path, string @interface, string member, BusBody body)
        {
            Assert.Equal(BusErrors.InvalidArguments, (await CallAsync(server, path, @interface, member, body))?.Name);
            await GoesOnAsync(server);
        }
    }

    [Fact]
    public async Task Callers_that_disconnect_during_a_call_do_not_disturb_others()
    {
        await using var server = await BusServer.StartAsync();
        for (var number = 0; number < 50; number++)
        {
            await using var caller = await BusConnection.ConnectAsync(server.Bus.Address, null, TimeProvider.System, BusServer.Token);
            _ = caller.CallAsync(
                new(Names.Server, "/", Names.ObjectManager, "GetManagedObjects"), null, BusServer.Patience, BusServer.Token);
            _ = caller.CallAsync(new(Names.Server, Path, Names.Client, "CheckedOK"), null, BusServer.Patience, BusServer.Token);
        }

        await GoesOnAsync(server);
    }

    [Fact]
    public async Task No_reply_signal_or_log_line_contains_a_secret()
    {
        const string secret = "S3cr3t";
        await using var server = await BusServer.StartAsync();
        var signals = await server.ListenAsync();
        var told = new List<string>();
        foreach (var name in (string[])["Secret", "Host", "secret"])
        {
            foreach (var (type, write) in ((string, BusBody)[])[("ay", w => w.WriteBytes("S3cr3t"u8)), ("aay", Nested)])
                told.Add((await RefusalAsync(() => server.SetAsync(Path, Names.Client, name, type, write)))?.Message ?? "");
        }

        foreach (var key in (string[])[new('a', 64), "no key"])
        {
            told.Add((await CallAsync(server, "/", Names.MoreServer, "AddClient", w =>
            {
                w.WriteString("new");
                w.OpenArray("{sv}");
                Entry(w, "KeyID", "s", w => w.WriteString(key));
                w.Close();
                w.WriteBytes("S3cr3t"u8);
            }))?.Message ?? "");
        }

        told.Add(await server.CallAsync("/", Names.ObjectManager, "GetManagedObjects", null, BusWords.Of));
        foreach (var @interface in (string[])["", Names.Client, Names.OldClient, Names.MoreClient])
            told.Add(await server.CallAsync(Path, Names.Properties, "GetAll", w => w.WriteString(@interface), BusWords.Of));
        Assert.Equal(2, server.Registry.Clients.Length);
        Assert.All(server.Registry.Clients, c => Assert.Equal("S3cr3t"u8, c.Secret.Memory.Span));
        Assert.All(told.Concat(signals.Lines).Concat(server.Log.Lines), line =>
        {
            Assert.DoesNotContain(secret, line, StringComparison.Ordinal);
            Assert.DoesNotContain("y83, y51", line, StringComparison.Ordinal);
        });

        static void Nested(BusWriter w)
        {
            w.OpenArray("ay");
            w.WriteBytes("S3cr3t"u8);
            w.Close();
        }
    }

    private static async Task GoesOnAsync(BusServer server) =>
        Assert.Equal("s\"testclient\"", await server.GetAsync(Path, Names.Client, "Name"));

    private static Task<BusException?> CallAsync(BusServer server, string path, string? @interface, string member, BusBody body) =>
        RefusalAsync(() => server.CallAsync(path, @interface, member, body));

    private static async Task<BusException?> RefusalAsync(Func<Task> call)
    {
        try
        {
            await call();
            return null;
        }
        catch (BusException e)
        {
            Assert.NotEqual("", e.Message);
            return e;
        }
    }

    /// <summary>Whether values of this type are taken, if they are possible. What is in a variant is seen only there.</summary>
    private static bool Takes(BusProperty property, string type) => type == "v" || property.Type switch
    {
        _ when property.Name == "LastCheckedOK" => type.Length == 1,
        "t" => type.Length == 1 && Numbers.Contains(type[0], StringComparison.Ordinal),
        "b" => type.Length == 1 && (Numbers + "b").Contains(type[0], StringComparison.Ordinal),
        var own => type == own,
    };

    private static string Signature(BusMethod method) => string.Concat(method.Inputs.Select(i => i.Type));

    private static IEnumerable<(string, string, BusMethod)> Methods(string path, IEnumerable<BusInterface> interfaces) =>
        interfaces.SelectMany(i => i.Members.OfType<BusMethod>().Select(m => (path, i.Name, m)));

    private static IEnumerable<(string, string, BusProperty)> Properties(string path, IEnumerable<BusInterface> interfaces) =>
        interfaces.SelectMany(i => i.Members.OfType<BusProperty>().Select(p => (path, i.Name, p)));

    private static void Entry(BusWriter w, string name, string type, BusBody value)
    {
        w.OpenEntry("sv");
        w.WriteString(name);
        w.OpenVariant(type);
        value(w);
        w.Close();
        w.Close();
    }
}
