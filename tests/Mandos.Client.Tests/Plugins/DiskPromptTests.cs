using Mandos.Client.Plugins;

namespace Mandos.Client.Tests.Plugins;

public sealed class DiskPromptTests
{
    [Theory]
    [InlineData("", "Enter passphrase to unlock the disk: ", "Unlocking the disk\nEnter passphrase")]
    [InlineData(
        "CRYPTTAB_SOURCE=/dev/sda1 CRYPTTAB_NAME=root", "Unlocking the disk /dev/sda1 (root)\nEnter passphrase: ",
        "Unlocking the disk /dev/sda1 (root)\nEnter passphrase")]
    [InlineData(
        "cryptsource=/dev/sda1 crypttarget=root", "Unlocking the disk /dev/sda1 (root)\nEnter passphrase: ",
        "Unlocking the disk /dev/sda1 (root)\nEnter passphrase")]
    [InlineData(
        "CRYPTTAB_SOURCE=/dev/sda1", "Unlocking the disk /dev/sda1\nEnter passphrase: ",
        "Unlocking the disk /dev/sda1\nEnter passphrase")]
    [InlineData("crypttarget=root", "Unlocking the disk (root)\nEnter passphrase: ", "Unlocking the disk (root)\nEnter passphrase")]
    [InlineData(
        "CRYPTTAB_SOURCE=/dev/a cryptsource=/dev/b crypttarget=t", "Unlocking the disk /dev/a (t)\nEnter passphrase: ",
        "Unlocking the disk /dev/a (t)\nEnter passphrase")]
    [InlineData(
        "CRYPTTAB_SOURCE= CRYPTTAB_NAME=", "Unlocking the disk  ()\nEnter passphrase: ", "Unlocking the disk  ()\nEnter passphrase")]
    public void The_prompt_names_the_disk_as_far_as_it_is_known(string environment, string terminal, string plymouth)
    {
        var options = new PluginOptions(null, null, Debug: false);
        Assert.Equal(terminal, DiskPrompt.ForTerminal(options, Variable(environment)));
        Assert.Equal(plymouth, DiskPrompt.ForPlymouth(options, Variable(environment)));
    }

    [Theory]
    [InlineData(null, "PRE", "PRE Unlocking the disk (root)\nEnter passphrase: ")]
    [InlineData("Give", null, "Give: ")]
    [InlineData("Give", "PRE", "PRE Give: ")]
    [InlineData("", null, ": ")]
    [InlineData(null, "", " Unlocking the disk (root)\nEnter passphrase: ")]
    public void The_prompt_option_replaces_the_question_and_the_prefix_comes_first(string? prompt, string? prefix, string expected)
    {
        var options = new PluginOptions(prompt, prefix, Debug: false);
        Assert.Equal(expected, DiskPrompt.ForTerminal(options, Variable("CRYPTTAB_NAME=root")));
    }

    private static Func<string, string?> Variable(string environment) => name =>
        environment.Split(' ')
            .Where(setting => setting.StartsWith(name + "=", StringComparison.Ordinal))
            .Select(setting => setting[(name.Length + 1)..])
            .FirstOrDefault();
}
