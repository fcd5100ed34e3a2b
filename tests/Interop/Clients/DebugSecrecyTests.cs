using System.Security.Cryptography;
using System.Text;

namespace Mandos.Interop.Clients;

/// <summary>What our server tells with --debug while everything happens that it has to do with secrets.</summary>
public sealed class DebugSecrecyTests : InteropTest
{
    [Fact]
    public async Task Debug_output_and_log_explain_decisions_and_contain_no_part_of_a_secret()
    {
        var machine = await BusMachine.MakeAsync(Lab, DebianRelease.Bookworm, Implementation.Ours);
        // The original's client wants an interface, whatever it connects to.
        await (await Lab.SwitchAsync()).ConnectAsync(machine, Token);
        var keys = await KeySet.OfOursAsync(machine, Token);
        keys.InstallOn(machine);
        var stanza = await keys.StanzaAsync(machine, Password.Plain, Token);
        List<byte[]> secrets =
            [Password.Plain, Stanza.Secret(stanza), .. Enumerable.Range(0, 3).Select(_ => RandomNumberGenerator.GetBytes(64))];
        var sink = await SystemBus.StartLogSinkAsync(machine, Token);
        await SystemBus.StartAsync(machine, Token);
        var server = await MandosServer.StartAsync(
            machine, Implementation.Ours,
            new() { Clients = stanza + Stanza.Make("other", new string('b', 64), secrets[2]), More = ["--debug"] }, Token);
        var bus = new BusMachine(machine, server, Token);
        await bus.WaitForNameAsync();

        var fetched = await MandosClient.RunAsync(machine, Implementation.Original, Token, "--connect=127.0.0.1:8888");
        Assert.Equal(Password.Plain, fetched.OrThrow().Output);
        var given = new StringBuilder(
            $"busctl set-property se.recompile.Mandos /clients/other se.recompile.Mandos.Client Secret ay {secrets[3].Length}");
        foreach (var number in secrets[3])
            given.Append(' ').Append(number);
        await machine.ShellAsync(given.ToString(), Token);
        machine.WriteFile(
            "/etc/mandos/clients.conf", stanza + Stanza.Make("other", new string('b', 64), secrets[4]), (UnixFileMode)0b110_100_100);
        server.Process.Signal("HUP");
        await server.Process.WaitForLineAsync("reloaded clients", TimeSpan.FromSeconds(20), Token);
        (await KeySet.OfOursAsync(machine, Token, "--name=stranger")).InstallOn(machine);
        await using (var stranger = MandosClient.Start(machine, Implementation.Ours, "--connect=127.0.0.1:8888"))
            await server.Process.WaitForLineAsync("unknown key_id", TimeSpan.FromSeconds(20), Token);
        server.Process.Signal("TERM");
        await server.Process.WaitAsync(TimeSpan.FromSeconds(20), Token);

        var said = server.Process.Errors;
        Assert.Matches($@"127\.0\.0\.1: key_id {keys.KeyId}: .*TLS", said);
        Assert.Matches(@"client \[.*\]: may have its secret: enabled until .*; it needs no approval", said);
        Assert.Matches($@"127\.0\.0\.1: client \[.*\], key_id {keys.KeyId}: secret delivered", said);
        foreach (var secret in secrets)
        {
            Assert.Null(FindPiece(said, secret));
            Assert.Null(FindPiece(sink.Errors, secret));
        }
    }

    [Fact]
    public void The_leak_search_finds_every_encoding_of_a_secret()
    {
        var secret = Enumerable.Range(0, 32).Select(i => (byte)(i * 37 + 11)).ToArray();
        foreach (var leak in (string[])[
            Encoding.Latin1.GetString(secret[8..20]), Convert.ToHexString(secret[3..]), Convert.ToHexStringLower(secret[..12]),
            BitConverter.ToString(secret[5..19]),
            Convert.ToBase64String(secret), Convert.ToBase64String(secret[1..]), string.Join(", ", secret[7..])])
            Assert.NotNull(FindPiece($"debug: the secret is {leak}.", secret));
        Assert.Null(FindPiece("debug: 64 secret bytes", secret));
    }

    /// <summary>A piece of at least eight bytes of a secret in a text: as it is, as hexadecimal or decimal numbers, or in base64.</summary>
    private static string? FindPiece(string text, byte[] secret)
    {
        var letters = string.Concat(text.Where(char.IsAsciiLetterOrDigit)).ToLowerInvariant();
        var numbers = string.Join(
            ' ', text.Split((char[])[',', ' ', ';', '.', '\n', '\r', '[', ']'], StringSplitOptions.RemoveEmptyEntries));
        for (var at = 0; at + 8 <= secret.Length; at++)
        {
            var piece = secret[at..(at + 8)];
            // Base64 of a piece is a part of that of the whole where it begins at a multiple of three: nine bytes have twelve characters.
            string[] forms =
                [Encoding.Latin1.GetString(piece),
                    .. at + 9 <= secret.Length ? (string[])[Convert.ToBase64String(secret[at..(at + 9)])] : []];
            if (forms.FirstOrDefault(f => text.Contains(f, StringComparison.Ordinal)) is { } found)
                return found;
            if (letters.Contains(Convert.ToHexStringLower(piece), StringComparison.Ordinal))
                return Convert.ToHexStringLower(piece);
            if (numbers.Contains(string.Join(' ', piece), StringComparison.Ordinal))
                return string.Join(' ', piece);
        }

        return null;
    }
}
