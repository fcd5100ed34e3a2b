using System.Text;
using Mandos.Configuration;
using Mandos.Core.Durations;
using Mandos.Core.Secrets;
using Mandos.Server.Checkers;
using Mandos.Server.Clients;
using Mandos.Server.Store;
using Mandos.Server.Store.Import;

namespace Mandos.Fuzz.Readers;

/// <summary>What the server reads from files: configuration, the original's saved state, the log of its own store.</summary>
internal static class ServerTargets
{
    internal static IEnumerable<FuzzTarget> All =>
    [
        new(
            "duration", Seeds.Texts("P1Y2M3DT4H5M6S", "PT5M", "5m 30s", "P1W"),
            bytes => _ = Duration.TryParse(Encoding.UTF8.GetString(bytes), out _, out _)),
        new("clients.conf", [
            .. Seeds.Texts("[DEFAULT]\nhost = %(name)s\n[a]\nname: b%%\n  c\n; x\n", "[a]b]\nkey = %(key)s\n"),
            .. Seeds.Files("clients-conf-parse-observations.txt")],
            bytes =>
                ConfigurationFile.Parse("clients.conf", bytes, null, [])) { Words = Seeds.Texts(
                    "\n[", "]\n", " = ", "%(", ")s", "%%", "\n ", "\n;", "\n#", "[DEFAULT]\n") },
        new("clients.pickle", [Golden.Bytes("clients.pickle.sample"), .. PickleSeeds()], SavedState),
        new(
            "checker-command", Seeds.Texts("fping -q -- %(host)s", "x %% %(name)-8.3s %(timeout)r", "%("),
            CheckerText) { Words = Seeds.Texts("%(", ")s", "%(host)", "%%", "%(expires)s", "%(name)") },
        new(
            "secret-base64", Seeds.Texts("aGFsbG8=\n d2VsdA==", "====", "a"),
            bytes => PythonBase64.Decode(Encoding.Latin1.GetString(bytes))?.Dispose()),
        LastChangeFile(),
        new("write-ahead-log", WalSeeds(), bytes => _ = WriteAheadLog.IsDamaged(bytes)) { Longest = 16_384 },
    ];

    private static void CheckerText(byte[] bytes)
    {
        using var secret = new ClientSecret(new SecretBuffer(1));
        var client =
            new ClientState
            {
                Name = "a",
                Settings = new ClientSettings { Host = "h'", Checker = Encoding.UTF8.GetString(bytes) },
                Secret = secret
            };
        _ = CheckerCommand.Expand(client, "/");
    }

    private static FuzzTarget LastChangeFile()
    {
        var target = new LastChangeTarget();
        return new("last-change", target.Seeds(), target.Read) { Longest = 2048 };
    }

    private static void SavedState(byte[] bytes)
    {
        try
        {
            var state = OriginalState.Parse(bytes);
            foreach (var client in state.Clients.Values.Concat(state.Configured.Values))
            {
                _ = client.Settings(new ClientSettings());
                _ = (client.Key(), client.Fingerprint(), client.Enabled(), client.Bytes("encrypted_secret"));
                _ = (client.Instant("expires"), client.Number("last_checker_status"));
            }
        }
        catch (PickleException)
        {
            // The documented answer to what the original does not write.
        }
    }

    // Short ones, so that a change hits an operation rather than a text.
    private static byte[][] PickleSeeds() =>
    [
        Encoding.Latin1.GetBytes(
            "\u0080\u0002}(X\u0001\0\0\0a}X\u0007\0\0\0timeoutcdatetime\ntimedelta\nK\0M\u002c\u0001K\0\u0087Rsu}\u0086q\u0001."),
        Encoding.Latin1.GetBytes(
            "\u0080\u0002](K\u0001\u008a\u0001\u0005NeX\u0001\0\0\0ar\u0001\u0001\0\0j\u0001\u0001\0\0)\u0085\u0086(\u0088\u0089tq\u0002h\u0002\u0087."),
    ];

    /// <summary>A log with two frames of 512 bytes each, made by hand (https://www.sqlite.org/fileformat2.html#walformat).</summary>
    private static byte[][] WalSeeds()
    {
        const int page = 512;
        var log = new byte[32 + (2 * (24 + page))];
        var sum = (First: 0u, Second: 0u);
        Number(log, 0, 0x377f0682);
        Number(log, 4, 3007000);
        Number(log, 8, page);
        Number(log, 16, 0x11223344);
        Number(log, 20, 0x55667788);
        sum = Add(sum, log.AsSpan(0, 24));
        (log, _) = (Write(log, 24, sum), 0);
        for (var at = 32; at < log.Length; at += 24 + page)
        {
            Number(log, at, 1);
            Number(log, at + 4, 1);
            log.AsSpan(16, 8).CopyTo(log.AsSpan(at + 8));
            sum = Add(Add(sum, log.AsSpan(at, 8)), log.AsSpan(at + 24, page));
            Write(log, at + 16, sum);
        }

        return [log, log[..300]];
    }

    private static byte[] Write(byte[] log, int at, (uint First, uint Second) sum)
    {
        Number(log, at, sum.First);
        Number(log, at + 4, sum.Second);
        return log;
    }

    private static void Number(byte[] log, int at, uint number) =>
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(log.AsSpan(at), number);

    private static (uint First, uint Second) Add((uint First, uint Second) sum, ReadOnlySpan<byte> bytes)
    {
        for (; bytes.Length >= 8; bytes = bytes[8..])
        {
            sum.First += System.Buffers.Binary.BinaryPrimitives.ReadUInt32LittleEndian(bytes) + sum.Second;
            sum.Second += System.Buffers.Binary.BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]) + sum.First;
        }

        return sum;
    }
}
