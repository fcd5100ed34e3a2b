using CsCheck;
using Mandos.Client.Unlock;
using Mandos.Core.Secrets;

namespace Mandos.Client.Tests.Unlock;

public sealed class AskpassTests
{
    [Fact]
    public void The_question_is_read_from_the_environment_of_askpass() =>
        Assert.Equal(
            new PasswordQuestion(7, "cryptroot", 2, 5),
            Askpass.Parse(7, "HOME=/\0CRYPTTAB_TRIED=2\0CRYPTTAB_NAME=cryptroot\0CRYPTTAB_OPTION_tries=5\0"u8));

    [Theory]
    [InlineData("CRYPTTAB_NAME=root\0", 0, 3)]
    [InlineData("CRYPTTAB_NAME=root\0CRYPTTAB_TRIED=\0CRYPTTAB_OPTION_tries=many\0", 0, 3)]
    [InlineData("CRYPTTAB_NAME=root\0CRYPTTAB_TRIED=1\0CRYPTTAB_OPTION_tries=0", 1, 0)]
    public void Missing_variables_have_their_usual_values(string environment, int tried, int tries) =>
        Assert.Equal(new PasswordQuestion(7, "root", tried, tries), Askpass.Parse(7, System.Text.Encoding.UTF8.GetBytes(environment)));

    [Theory]
    [InlineData("")]
    [InlineData("\0\0")]
    [InlineData("CRYPTTAB_NAME=\0")]
    [InlineData("XCRYPTTAB_NAME=root\0")]
    public void An_environment_without_a_disk_is_not_a_question(string environment) =>
        Assert.Null(Askpass.Parse(7, System.Text.Encoding.UTF8.GetBytes(environment)));

    [Fact]
    public void An_environment_of_any_bytes_is_read_without_an_exception() =>
        Gen.Byte.Array[0, 200].Sample(bytes => Askpass.Parse(1, bytes) is null or { Disk.Length: > 0 });

    [Fact]
    public async Task The_askpass_process_is_found_and_answered()
    {
        using var initramfs = new InitramfsFolder();
        var askpass = new Askpass(initramfs.Root);
        Assert.True(askpass.IsInstalled);
        Assert.Null(askpass.Find());
        var answer = initramfs.Ask(321, "CRYPTTAB_NAME=root");
        Assert.Equal(new PasswordQuestion(321, "root"), askpass.Find());
        Assert.Equal(askpass.Find(), askpass.Find());

        using var password = SecretBuffer.CopyOf("pass\0word\n"u8);
        while (!askpass.Answer(password))
            await Task.Delay(1, TestContext.Current.CancellationToken);
        Assert.Equal("pass\0word\n"u8.ToArray(), await answer);
        Assert.Null(askpass.Find());
        Assert.False(askpass.Answer(password));
    }

    [Fact]
    public void After_the_initramfs_askpass_is_not_installed()
    {
        using var initramfs = new InitramfsFolder();
        File.Delete($"{initramfs.Root}/lib/cryptsetup/askpass");
        Assert.False(new Askpass(initramfs.Root).IsInstalled);
    }
}
