using System.Text;
using CsCheck;
using Mandos.Keygen.Failures;
using Mandos.Keygen.Passwords;

namespace Mandos.Keygen.Tests;

public sealed class PasswordDialogueTests
{
    private readonly StringWriter _prompts = new();

    private byte[] Ask(byte[] input, bool interactive = true)
    {
        using var password = new PasswordDialogue(new MemoryStream(input), _prompts, interactive).Ask();
        return password.Span.ToArray();
    }

    private string Ask(string input, bool interactive = true) => Encoding.UTF8.GetString(Ask(Encoding.UTF8.GetBytes(input), interactive));

    [Theory]
    [InlineData("secret\nsecret\n", "secret")]
    [InlineData("secret\nsecret", "secret")]
    [InlineData(" \tse cret\t \nse cret\n", "se cret")]
    [InlineData("\n\n", "")]
    [InlineData(" \n\t\n", "")]
    [InlineData("pässwörd\npässwörd\n", "pässwörd")]
    public void The_password_is_one_line_typed_twice_without_surrounding_white_space(string input, string password) =>
        Assert.Equal(password, Ask(input));

    [Fact]
    public void Bytes_that_are_not_UTF_8_are_kept() => Assert.Equal([0xFF, 0, 0x80], Ask([0xFF, 0, 0x80, 0x0A, 0xFF, 0, 0x80, 0x0A]));

    [Fact]
    public void Any_typed_line_is_trimmed() =>
        Gen.Byte.Array[0, 100].Where(line => !line.Contains((byte)'\n')).Sample(line =>
        {
            var expected = Encoding.Latin1.GetBytes(Encoding.Latin1.GetString(line).Trim(' ', '\t'));
            Assert.Equal(expected, Ask([.. line, (byte)'\n', .. line, (byte)'\n']));
        });

    [Fact]
    public void Both_prompts_are_printed()
    {
        Ask("x\nx\n");

        Assert.Equal("Enter the password: \nRepeat the password: \n", _prompts.ToString());
    }

    [Fact]
    public void At_a_terminal_two_different_passwords_are_asked_for_again()
    {
        Assert.Equal("c", Ask("a\nb\nc\nc\n"));

        Assert.Contains("The two passwords differ; try again.\n", _prompts.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Two_different_passwords_are_an_error_if_not_interactive() =>
        Assert.Equal("the two passwords differ", Assert.Throws<KeygenException>(() => Ask("a\nb\nc\nc\n", interactive: false)).Message);

    [Theory]
    [InlineData("")]
    [InlineData("only once\n")]
    public void End_of_input_is_an_error_and_not_an_empty_password(string input) =>
        Assert.Equal("no password was given: end of input", Assert.Throws<KeygenException>(() => Ask(input)).Message);

    [Fact]
    public void An_endless_line_is_an_error() =>
        Assert.Equal("the password is longer than 65536 bytes", Assert.Throws<KeygenException>(() => Ask(new byte[70_000])).Message);

    [Fact]
    public void Typed_passwords_are_never_shown()
    {
        Ask("hunter2\nhunter3\nhunter2\nhunter2\n");

        Assert.DoesNotContain("hunter", _prompts.ToString(), StringComparison.Ordinal);
    }
}
