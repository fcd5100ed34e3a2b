using System.Text;
using CsCheck;
using Mandos.Client.Agent;

namespace Mandos.Client.Tests.Agent;

public sealed class AskFileTests
{
    /// <summary>As systemd 252 and 257 write it.</summary>
    private const string OfSystemd =
        "[Ask]\nPID=181\nSocket=/run/systemd/ask-password/sck.50eaa4fca00c5cbc\nAcceptCached=1\nEcho=0\nNotAfter=90000000\nSilent=0\n"
        + "Message=Please enter passphrase for disk HARDDISK (root):\nIcon=drive-harddisk\nId=cryptsetup:/dev/disk/by-uuid/0815\n";

    [Fact]
    public void A_question_file_of_systemd_is_read() => Assert.Equal(
        ("/run/systemd/ask-password/sck.50eaa4fca00c5cbc", 181, TimeSpan.FromSeconds(90), "cryptsetup:/dev/disk/by-uuid/0815",
            "Please enter passphrase for disk HARDDISK (root):"),
        Values(Accepted(OfSystemd)));

    [Theory]
    [InlineData("[Ask]\nSocket=/s\nPID=1")]
    [InlineData("# comment\n\n  [Ask]\n\tSocket =  /s\r\n PID\t= 1\r\n#end")]
    [InlineData("[Other]\nSocket=/x\nPID=x\n[Ask]\nSocket=/s\nPID=1\n[More]\nPID=2\n")]
    [InlineData("[Ask]\nSocket=/s\n[Other]\n[Ask]\nPID=1\nFuture=1\nFuture=2\nMessage[sv]=hej\n")]
    public void Spaces_comments_other_groups_and_unknown_keys_are_ignored(string text) =>
        Assert.Equal(("/s", 1, null, "", ""), Values(Accepted(text)));

    [Theory]
    [InlineData("0", null)]
    [InlineData("", null)]
    [InlineData("soon", null)]
    [InlineData("-1", null)]
    [InlineData("18446744073709551615", null)]
    [InlineData("99999999999999999999", null)]
    [InlineData("1", 10L)]
    [InlineData("90000000", 900_000_000L)]
    public void An_invalid_NotAfter_sets_no_time_limit(string notAfter, long? ticks) =>
        Assert.Equal(ticks, Accepted($"[Ask]\nSocket=/s\nPID=1\nNotAfter={notAfter}\n").NotAfter?.Ticks);

    [Theory]
    [InlineData(@"/a\sb\\c", "/a b\\c")]
    [InlineData(@"/a\tb", "/a\tb")]
    public void Escapes_in_the_socket_path_are_decoded(string written, string meant) =>
        Assert.Equal(meant, Accepted($"[Ask]\nSocket={written}\nPID=1\n").Socket);

    [Theory]
    [InlineData("", "it has no group [Ask]")]
    [InlineData("[ask]\nSocket=/s\nPID=1\n", "it has no group [Ask]")]
    [InlineData("Socket=/s\n[Ask]\nPID=1\n", "line 1 is neither a group, a key nor a comment")]
    [InlineData("[Ask]\nnonsense\n", "line 2 is neither a group, a key nor a comment")]
    [InlineData("[Ask]\n=1\n", "line 2 is neither a group, a key nor a comment")]
    [InlineData("[Ask]\nPID=1\n", "it names no socket")]
    [InlineData("[Ask]\nPID=1\nSocket=\n", "it names no socket")]
    [InlineData("[Ask]\nPID=1\nSocket=s\n", "the path of its socket does not begin with '/'")]
    [InlineData("[Ask]\nPID=1\nSocket=/a\0b\n", "the path of its socket does not begin with '/'")]
    [InlineData("[Ask]\nPID=1\nSocket=/a\\x\n", "line 3 has a duplicate key or an invalid value")]
    [InlineData("[Ask]\nPID=1\nSocket=/a\\\n", "line 3 has a duplicate key or an invalid value")]
    [InlineData("[Ask]\nSocket=/s\n", "it names no process")]
    [InlineData("[Ask]\nSocket=/s\nPID=0\n", "its process ID is invalid")]
    [InlineData("[Ask]\nSocket=/s\nPID=-1\n", "its process ID is invalid")]
    [InlineData("[Ask]\nSocket=/s\nPID=4294967297\n", "its process ID is invalid")]
    public void A_question_that_cannot_be_answered_is_refused_with_the_reason(string text, string problem)
    {
        Assert.False(AskFile.TryParse(Encoding.UTF8.GetBytes(text), out _, out var told));
        Assert.Equal(problem, told);
    }

    [Fact]
    public void Bytes_that_are_not_UTF_8_are_refused()
    {
        Assert.False(AskFile.TryParse([.. "[Ask]\nPID=1\nSocket=/s\nMessage="u8, 0xFF, 0x0A], out _, out var problem));
        Assert.Equal("it is not UTF-8", problem);
    }

    [Theory]
    [InlineData("Socket=/tmp/evil")]
    [InlineData("Id=cryptsetup:/dev/sda")]
    [InlineData("PID=1")]
    public void A_line_injected_through_a_name_does_not_redirect_the_password(string injected) =>
        Assert.False(
            AskFile.TryParse(Encoding.UTF8.GetBytes($"[Ask]\nPID=181\nSocket=/run/sck\nMessage=disk\n{injected}\nId=x\n"), out _, out _));

    [Fact]
    public void A_question_file_is_read_as_it_was_written() =>
        Gen.Select(
            Gen.Char[' ', '~'].Array[1, 60], Gen.Int[1, int.MaxValue], Gen.ULong[1, 1UL << 52], Gen.String[Gen.Char['!', '\u2fff'], 1, 80])
            .Sample((path, pid, notAfter, id) =>
            {
                var socket = "/" + new string(path).TrimEnd(' ');
                var escaped = socket.Replace(@"\", @"\\", StringComparison.Ordinal);
                var ask = Accepted($"[Ask]\nPID={pid}\nSocket={escaped}\nNotAfter={notAfter}\nMessage={id}\nId={id}\n");
                Assert.Equal((socket, pid, id, id), (ask.Socket, ask.ProcessId, ask.Id, ask.Message));
                Assert.Equal((long)notAfter * 10, ask.NotAfter!.Value.Ticks);
            });

    [Fact]
    public void Any_bytes_are_accepted_as_a_question_or_refused_with_a_reason() =>
        Gen.OneOf(Gen.Byte.Array, Gen.Byte.Array.Select(noise => (byte[])[.. Encoding.UTF8.GetBytes(OfSystemd), .. noise])).Sample(bytes =>
        {
            var accepted = AskFile.TryParse(bytes, out var ask, out var problem);
            Assert.Equal(accepted, ask is not null);
            Assert.Equal(accepted, problem.Length == 0);
        });

    // What really asks, with its Id and message as it sends them.
    [Theory]
    [InlineData("cryptsetup:/dev/sda", "Please enter passphrase for disk root:", true)]
    [InlineData("cryptsetup:/dev/sda", "", true)]
    [InlineData("cryptsetup-verification:/dev/sda", "Please enter passphrase for disk root (verification):", true)]
    [InlineData("zfs:rpool/root", "Enter passphrase for 'rpool/root':", true)]
    [InlineData("", "Encrypted ZFS password for rpool/ROOT/debian", true)]
    [InlineData("", "Encrypted ZFS password for rpool/ROOT/debian:", true)]
    [InlineData("bcachefs:3f5c4b4e-2d6a-4a3b-9d0c-7f5f6a1b2c3d", "Enter passphrase: ", true)]
    [InlineData("bcachefs:UUID=3f5c4b4e-2d6a-4a3b-9d0c-7f5f6a1b2c3d", "Mount with a device missing? [y/N]", false)]
    [InlineData("bcachefs:", "Enter passphrase: ", false)]
    [InlineData("cryptsetup:", "", false)]
    [InlineData("cryptsetup", "", false)]
    [InlineData("xcryptsetup:/dev/sda", "", false)]
    [InlineData("Cryptsetup:/dev/sda", "", false)]
    [InlineData("home:joe", "Please enter password for user joe:", false)]
    [InlineData("home:joe", "Encrypted ZFS password for rpool/home/joe", false)]
    [InlineData("", "Encrypted ZFS password for ", false)]
    [InlineData("", "xEncrypted ZFS password for rpool", false)]
    [InlineData("", "Please enter TPM2 PIN:", false)]
    [InlineData("", "Please enter LUKS2 token PIN:", false)]
    [InlineData("", "Please enter security token PIN:", false)]
    [InlineData("pkcs11:model=x", "Please enter PIN for security token 'x' in order to unlock disk root (try #1):", false)]
    [InlineData("", "Enter passphrase for SSL/TLS keys for host.example:443 (RSA)", false)]
    [InlineData("", "", false)]
    public void Questions_about_disks_are_recognised_by_their_id_or_by_their_text(string id, string message, bool expected) =>
        Assert.Equal(expected, DiskQuestions.Contain(id, message));

    private static (string Socket, int ProcessId, TimeSpan? NotAfter, string Id, string Message) Values(AskFile ask) =>
        (ask.Socket, ask.ProcessId, ask.NotAfter, ask.Id, ask.Message);

    private static AskFile Accepted(string text)
    {
        Assert.True(AskFile.TryParse(Encoding.UTF8.GetBytes(text), out var ask, out var problem), problem);
        return ask;
    }
}
