using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Mandos.Core.Tests.Discovery;
using Mandos.Core.Tests.Durations;
using Mandos.Core.Tests.Exchange;
using Mandos.Core.Tests.Keys;
using Mandos.Core.Tests.Linux;
using Mandos.Core.Tests.OpenPgp;
using Mandos.Core.Tests.Text;

namespace Mandos.Core.Tests;

/// <summary>
/// Every source file in which a loop runs over something from outside, with what bounds the loop and the test that shows it. A
/// new file with a loop has to be added here. A <c>foreach</c> over a collection that is there is bounded by what made that: it
/// counts only within another loop.
/// </summary>
public sealed partial class InputLoopTests
{
    private sealed record Bound(string By, Type Tests, string Test);

    /// <summary>Loops over a message, a packet, a file or a connection.</summary>
    private static readonly Dictionary<string, Bound> Bounds = new()
    {
        ["OpenPgp/Messages/AeadChunks"] = new(
            "the message and its time, looked at for each chunk", typeof(AeadDataTests), nameof(AeadDataTests.Decryption_has_a_time_limit)),
        ["OpenPgp/Packets/Armor"] = new("the text", typeof(ArmorTests), nameof(ArmorTests.Garbage_never_throws)),
        ["OpenPgp/Compression/Decompression"] = new(
            "the bytes that come out, and the time", typeof(MessageReaderTests), nameof(MessageReaderTests.A_compression_bomb_is_stopped)),
        ["OpenPgp/Compression/Inflater"] = new(
            "4096 blocks of a message, the bytes that come out, the time", typeof(MessageBudgetTests),
            nameof(MessageBudgetTests.Empty_compressed_blocks_count_towards_the_limit)),
        ["OpenPgp/Messages/IntegrityProtectedData"] = new(
            "the message", typeof(MessageReaderTests), nameof(MessageReaderTests.A_message_larger_than_the_limit_is_not_parsed)),
        ["OpenPgp/Messages/MessageContent"] = new(
            "256 packets of a message",
            typeof(MessageBudgetTests), nameof(MessageBudgetTests.The_packet_limit_applies_to_all_layers_together)),
        ["OpenPgp/Messages/MessageEnvelope"] = new(
            "256 packets of a message, 2 private operations", typeof(MessageBudgetTests),
            nameof(MessageBudgetTests.At_most_two_hidden_recipients_are_tried)),
        ["OpenPgp/Messages/MessageFault"] = new("the message",
            typeof(MessageFaultTests), nameof(MessageFaultTests.Every_truncation_is_reported)),
        ["OpenPgp/Packets/MessageHash"] = new(
            "the plaintext", typeof(MessageReaderTests), nameof(MessageReaderTests.Plaintext_beyond_the_limit_is_too_large)),
        ["OpenPgp/Packets/PacketReader"] = new(
            "the bytes; 256 packets of a message", typeof(MessageBudgetTests),
            nameof(MessageBudgetTests.The_packet_limit_includes_packets_outside_the_encryption)),
        ["OpenPgp/Keys/PublicKeyRing"] = new("the file", typeof(KeyRingTests), nameof(KeyRingTests.A_truncated_file_is_not_a_key)),
        ["OpenPgp/Keys/SecretKeyRing"] = new("the file", typeof(KeyRingTests), nameof(KeyRingTests.A_truncated_file_is_not_a_key)),
        ["OpenPgp/Packets/SignaturePacket"] = new(
            "the packet: no subpacket is empty",
            typeof(FieldReaderTests), nameof(FieldReaderTests.An_empty_subpacket_makes_a_signature_invalid)),
        ["Discovery/Dns/DnsMessageReader"] = new(
            "256 entries of a message", typeof(DnsMessageTests), nameof(DnsMessageTests.More_than_256_entries_are_refused)),
        ["Discovery/Dns/DnsMessageWriter"] = new(
            "255 bytes of a name", typeof(DnsNameTests), nameof(DnsNameTests.A_label_is_limited_to_63_bytes_and_a_name_to_255)),
        ["Discovery/Dns/DnsName"] = new(
            "255 bytes of a name; a pointer leads backwards", typeof(DnsNameTests),
            nameof(DnsNameTests.A_label_is_limited_to_63_bytes_and_a_name_to_255)),
        ["Discovery/Browsing/ServiceCache"] = new(
            "256 entries of a message, each with at most 128 records that are kept", typeof(HostilePacketTests),
            nameof(HostilePacketTests.Of_many_hosts_with_many_addresses_256_are_kept)),
        ["Discovery/Browsing/BrowsedInterface"] = new(
            "32 instances that are kept", typeof(HostilePacketTests),
            nameof(HostilePacketTests.A_flood_of_instances_is_limited_to_the_newest_sixty_four)),
        ["Discovery/Publishing/PublishedLink.Answers"] = new(
            "256 entries of a message, each with this host's own records", typeof(DnsMessageTests),
            nameof(DnsMessageTests.More_than_256_entries_are_refused)),
        ["Discovery/Publishing/PublishedLink.Conflicts"] = new(
            "256 entries of a message, each with two names", typeof(DnsMessageTests),
            nameof(DnsMessageTests.More_than_256_entries_are_refused)),
        ["Discovery/Publishing/ProbeTieBreak"] = new(
            "256 entries of a message", typeof(DnsMessageTests), nameof(DnsMessageTests.More_than_256_entries_are_refused)),
        ["Discovery/Publishing/PublisherMachine"] = new(
            "the conflicts of a moment", typeof(DnsMessageTests), nameof(DnsMessageTests.More_than_9000_bytes_are_refused)),
        ["Exchange/DeliverySession"] = new(
            "bytes and time of an exchange", typeof(GreetingTests), nameof(GreetingTests.A_silent_peer_is_given_up_after_the_time_limit)),
        ["Exchange/GreetingReader"] = new(
            "the bytes of a greeting", typeof(GreetingTests), nameof(GreetingTests.A_silent_peer_is_given_up_after_the_time_limit)),
        ["Exchange/SecretRetrieval"] = new(
            "bytes and time of an exchange", typeof(RetrievalFailureTests),
            nameof(RetrievalFailureTests.A_secret_above_the_limit_is_refused)),
        ["Exchange/TlsChannel"] = new(
            "the bytes of a record and of a handshake", typeof(RetrievalHandshakeTests),
            nameof(RetrievalHandshakeTests.A_record_whose_header_gives_too_large_a_length_is_refused)),
        ["Exchange/TlsHandshake"] = new(
            "the bytes of a handshake", typeof(RetrievalHandshakeTests),
            nameof(RetrievalHandshakeTests.A_flood_before_the_end_of_the_handshake_aborts_it)),
        ["Keys/DerReader"] = new(
            "three bytes of a length", typeof(DerReaderTests), nameof(DerReaderTests.Invalid_DER_is_refused)),
        ["Durations/LegacyDuration"] = new(
            "the words of a setting", typeof(DurationTests), nameof(DurationTests.Any_text_is_either_a_duration_or_one_clear_error)),
        ["Text/NumericAddress"] = new(
            "the four numbers of an address", typeof(NumericAddressTests), nameof(NumericAddressTests.An_IPv4_address_has_four_numbers)),
        ["Arithmetic/BigNumber"] = new(
            "16384 bits of a number", typeof(FieldReaderTests), nameof(FieldReaderTests.A_number_has_at_most_16384_bits)),
        ["Arithmetic/LimbArithmetic"] = new(
            "16384 bits of a number", typeof(FieldReaderTests), nameof(FieldReaderTests.A_number_has_at_most_16384_bits)),
        ["Arithmetic/SecretModulus"] = new(
            "16384 bits of a number", typeof(FieldReaderTests), nameof(FieldReaderTests.A_number_has_at_most_16384_bits)),
        ["Secrets/GrowingBuffer"] = new("its limit", typeof(InflaterTests), nameof(InflaterTests.Inflation_stops_at_the_output_limit)),
        ["Secrets/SecretInput"] = new(
            "the limit of the caller", typeof(InputFileTests), nameof(InputFileTests.A_file_larger_than_the_limit_is_not_read)),
        ["Linux/Files/InotifyEvents"] = new(
            "the bytes that were read", typeof(InotifyTests), nameof(InotifyTests.A_truncated_event_counts_as_an_overflow)),
    };

    /// <summary>
    /// Loops that count to a number of this program's own, over what the kernel, the administrator or this program itself made.
    /// </summary>
    private static readonly HashSet<string> Counted =
    [
        "OpenPgp/Keys/DecryptionKey", "OpenPgp/Compression/PrefixCode", "OpenPgp/Packets/PublicKeyPacket", "OpenPgp/Keys/RsaSecretKey",
        "Arithmetic/EcdsaCheck", "Arithmetic/SharedPoint", "Arithmetic/EdwardsPoint", "Arithmetic/X25519Operation",
        "Keys/EcdsaSigningKey", "Keys/EcdsaNonces", "Keys/PssEncoding",
        "Discovery/Publishing/AlternativeName", "Discovery/Publishing/ServiceRecords",
        "Discovery/Browsing/MulticastServiceBrowser",
        "Discovery/Multicast/MulticastSockets", "Exchange/PriorityParser", "Exchange/RawPublicKeyTlsServer",
        "Exchange/Crypto/NistAgreement",
        "Exchange/Crypto/HkdfSecret",
        "Text/PythonText", "Durations/IsoDuration", "Secrets/SecretSlab",
        "Linux/Netlink/NetlinkControl", "Linux/Netlink/NetlinkSocket", "Linux/Netlink/LinkMonitor", "Linux/Netlink/LinkMessage",
        "Linux/Netlink/AddressMessage", "Linux/Netlink/LocalAddress",
        "Linux/Netlink/LinkTable", "Linux/Sockets/Datagrams", "Linux/Files/SmallFile", "Linux/FileDescriptors/DescriptorIo",
    ];

    private static readonly string[] Folders = ["OpenPgp", "Arithmetic", "Keys", "Secrets", "Discovery", "Exchange", "Text", "Durations"];

    private static readonly string[] LinuxFiles =
        ["Netlink", "Link", "Address", "LocalAddress", "Inotify", "Datagrams", "SmallFile", "InputFile", "DescriptorIo"];

    [Fact]
    public void Every_file_with_a_loop_over_input_is_listed_with_its_limit()
    {
        var missing = FilesWithLoops().Where(file => !Bounds.ContainsKey(file) && !Counted.Contains(file)).ToList();
        Assert.True(
            missing.Count == 0,
            $"a loop is without a bound that a test names: add to the table in {nameof(InputLoopTests)}: {string.Join(", ", missing)}");
    }

    [Fact]
    public void Every_listed_file_has_a_loop() =>
        Assert.Empty(Bounds.Keys.Concat(Counted).Except(FilesWithLoops()));

    [Fact]
    public void Every_test_listed_for_a_loop_is_a_test() =>
        Assert.All(Bounds.Values, bound =>
        {
            var method = bound.Tests.GetMethod(bound.Test);
            Assert.True(method?.GetCustomAttribute<FactAttribute>() is not null, $"{bound.Tests.Name}.{bound.Test}");
        });

    private static IEnumerable<string> FilesWithLoops()
    {
        var core = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(SourcePath())!, "../../src/Mandos.Core"));
        var files = Folders.SelectMany(folder => Directory.EnumerateFiles(Path.Combine(core, folder), "*.cs", SearchOption.AllDirectories))
            .Concat(
                LinuxFiles.SelectMany(
                    name => Directory.EnumerateFiles(Path.Combine(core, "Linux"), name + "*.cs", SearchOption.AllDirectories)));
        return files.Where(file => File.ReadAllText(file) is var text && (LoopStatement().IsMatch(text) || HasNestedLoop(text)))
            .Select(file => Path.GetRelativePath(core, file)[..^3])
            .Distinct()
            .Order(StringComparer.Ordinal);
    }

    /// <summary>
    /// Whether one loop is in another, by how far they are indented: a list that is bounded is run through many times then.
    /// </summary>
    private static bool HasNestedLoop(string text)
    {
        var around = -1;
        foreach (var line in text.Split('\n').Where(line => line.Trim() is not ("" or "{" or "}")))
        {
            var indent = line.Length - line.TrimStart().Length;
            if (indent <= around)
                around = -1;
            if (!AnyLoop().IsMatch(line))
                continue;
            if (around >= 0)
                return true;
            around = indent;
        }

        return false;
    }

    private static string SourcePath([CallerFilePath] string path = "") => path;

    /// <summary>What counts or waits, and what runs over what a call returns, which may be made only then.</summary>
    [GeneratedRegex(@"^\s*((while|for) \(|do\s*$|(await )?foreach \(.+ in .+\)\)\s*$)", RegexOptions.Multiline)]
    private static partial Regex LoopStatement();

    [GeneratedRegex(@"^\s*((while|for|(await )?foreach) \(|do\s*$)")]
    private static partial Regex AnyLoop();
}
