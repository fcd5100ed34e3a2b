using System.Security.Cryptography;

namespace Mandos.Interop.Clients;

/// <summary>The largest password on its whole way, and what is said about one that is larger.</summary>
public sealed class PasswordLimitTests : InteropTest
{
    private const int Largest = 4 << 20;
    private const string Runner = "/srv/plugin-runner";

    public static TheoryData<Implementation> Servers => [Implementation.Original, Implementation.Ours];

    [Theory, MemberData(nameof(Servers))]
    public async Task A_password_of_the_maximum_size_passes_every_hop(Implementation server)
    {
        var pair = await Pair.MakeAsync(Lab, DebianRelease.Bookworm, DebianRelease.Bookworm, "Curve25519");
        var password = RandomNumberGenerator.GetBytes(Largest);
        await pair.ServeAsync(server, password, Token);
        await InstallRunnerAsync(pair.Client);

        var done = await pair.Client.RunAsync(
            new(), TimeSpan.FromSeconds(60), Token, "/bin/sh", "-c",
            $"{Runner} --plugin-dir=/srv/plugins.d --config-file=/dev/null "
                + $"--options-for=mandos-client:--connect={Pair.ServerIPv4}:8888 | {Implementation.Ours.Client} password-cache keep");

        Assert.True(password.AsSpan().SequenceEqual(done.OrThrow().Output), done.Errors);
    }

    [Fact]
    public async Task One_byte_beyond_the_limit_is_refused_by_mandos_keygen()
    {
        var machine = await Lab.MachineAsync("client", DebianRelease.Bookworm);
        var keys = await KeySet.OfOursAsync(machine, Token);
        keys.InstallOn(machine);
        machine.WriteFile("/srv/password", new byte[Largest + 1]);

        var done = await machine.RunAsync(
            new(), TimeSpan.FromSeconds(60), Token, Implementation.Ours.Keygen, $"--dir={KeySet.Folder}", "--passfile=/srv/password",
            "--no-ssh", "--name=client");

        Assert.Equal(1, done.ExitCode);
        Assert.Empty(done.Output);
        Assert.Contains(
            "the password file /srv/password has more than 4194304 bytes, which is the most that a password may have", done.Errors,
            StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Servers))]
    public async Task One_byte_beyond_the_limit_enrolled_with_the_original_is_refused_by_the_client(Implementation server)
    {
        var pair = await Pair.MakeAsync(Lab, DebianRelease.Bookworm, DebianRelease.Bookworm, "RSA-4096");
        var stanza = await pair.Keys.StanzaAsync(pair.Client, RandomNumberGenerator.GetBytes(Largest + 1), Token);
        await MandosServer.StartAsync(pair.Server, server, new() { Clients = stanza }, Token);

        // Another server may have the right one: it goes on.
        var done = await pair.Client.RunAsync(
            new(), TimeSpan.FromSeconds(60), Token, "/usr/bin/timeout",
            ["5", Implementation.Ours.Client, .. KeySet.ClientOptions, $"--connect={Pair.ServerIPv4}:8888", "--retry=1000"]);

        Assert.NotEqual(0, done.ExitCode);
        Assert.Empty(done.Output);
        Assert.Contains(
            "its content has more than 4194304 bytes, which is the most that a password may have", done.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_byte_beyond_the_limit_from_another_plugin_is_refused_by_plugin_runner()
    {
        var machine = await Lab.MachineAsync("client", DebianRelease.Bookworm);
        await InstallRunnerAsync(machine);
        machine.WriteFile("/srv/plugins.d/other", $"#!/bin/sh\nhead -c {Largest + 1} /dev/zero\n", (UnixFileMode)0b111_101_101);

        var done = await machine.RunAsync(
            new(), TimeSpan.FromSeconds(60), Token, Runner, "--plugin-dir=/srv/plugins.d", "--config-file=/dev/null",
            "--disable=mandos-client");

        Assert.NotEqual(0, done.ExitCode);
        Assert.Empty(done.Output);
        Assert.Contains(
            "it printed more than 4194304 bytes, which is the most that a password may have", done.Errors, StringComparison.Ordinal);
    }

    private static async Task InstallRunnerAsync(Machine machine) => await machine.ShellAsync(
        $"mkdir -p /srv/plugins.d /conf/conf.d; chmod 755 /srv /conf /conf/conf.d; [ ! -e {KeySet.Folder} ] || cp -r {KeySet.Folder} "
            + "/conf/conf.d/mandos; "
        + $"ln -s {Implementation.Ours.Client} {Runner}; ln -s {Implementation.Ours.Client} /srv/plugins.d/mandos-client", Token);
}
