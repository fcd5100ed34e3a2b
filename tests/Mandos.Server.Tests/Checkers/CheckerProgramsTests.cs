using Mandos.Server.Checkers;
using Mandos.Server.Tests.Clients;

namespace Mandos.Server.Tests.Checkers;

/// <summary>Checkers that cannot work on this machine.</summary>
public sealed class CheckerProgramsTests
{
    [Theory]
    [InlineData("fping -q -- %(host)s", "fping")]
    [InlineData("  /usr/bin/ssh-keyscan -t ed25519 %(host)s 2>/dev/null | grep x", "/usr/bin/ssh-keyscan")]
    [InlineData("fping", "fping")]
    [InlineData("", null)]
    [InlineData("true", null)]
    [InlineData("if fping x; then exit 0; fi", null)]
    [InlineData("PATH=/opt fping x", null)]
    [InlineData("$FPING x", null)]
    [InlineData("(fping x)", null)]
    [InlineData("%(host)s x", null)]
    public void The_first_program_of_a_checker_is_known_where_it_is_obvious(string checker, string? program) =>
        Assert.Equal(program, CheckerPrograms.FirstWord(checker));

    [Fact]
    public void A_missing_program_is_reported_once_with_the_number_of_clients()
    {
        var clients = new[] { "nosuch-program -x", "sh -c true", "nosuch-program -y", "/nonexistent/program", "true" }
            .Select((checker, i) => ClientStory.Definition($"c{i}", ClientStory.Settings with { Checker = checker })).ToList();

        Assert.Equal(
            [("nosuch-program", 2, "c0"), ("/nonexistent/program", 1, "c3")],
            CheckerPrograms.Missing(clients, "/nonexistent:/usr/bin:/bin"));
    }
}
