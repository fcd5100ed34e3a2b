namespace Mandos.CommandLine.Tests;

public sealed class OptionsOfOthersTests
{
    public static TheoryData<string> Programs => [.. OptionsOfOthers.All.Select(one => one.Program)];

    /// <summary>Another test holds the completions to the options that the programs take.</summary>
    [Theory, MemberData(nameof(Programs))]
    public void Every_listed_option_is_an_option_of_its_program(string program)
    {
        var completion = File.ReadAllText(Path.Combine(Golden.Root, "packaging", "completions", "bash", program));
        var words = completion.Split([' ', '\n', '\'', '|', ')', '"'], StringSplitOptions.RemoveEmptyEntries);
        Assert.Empty(OptionsOfOthers.All.Single(one => one.Program == program).Options.Except(words));
    }

    [Theory]
    [InlineData("--password", ": it belongs to mandos-keygen")]
    [InlineData("--check-config", ": it belongs to mandos")]
    [InlineData("--nosuch", "")]
    [InlineData("--debug", "")]
    public void An_option_of_another_program_gets_a_hint(string option, string hint) => Assert.Equal(hint, OptionsOfOthers.Hint(option));
}
