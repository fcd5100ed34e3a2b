using CsCheck;
using Mandos.Configuration;
using Mandos.Core.Keys;
using Mandos.Server.ClientFiles;
using Mandos.Server.Tests.Listening;

namespace Mandos.Server.Tests.ClientFiles;

public sealed class ClientsReaderTests
{
    [Fact]
    public void An_invalid_client_is_reported_and_left_out_and_the_others_are_served()
    {
        using var file = new ClientFile("[bad]\nkey_id = 12\nsecret = wQED0gEB\n\n[good]\nkey_id = KEY\nsecret = wQED0gEB\n");

        Assert.Equal(["good"], file.Clients.Select(c => c.Name));
        Assert.Equal(
            "clients.conf:2: [bad] key_id: '12' does not have 64 hex digits\nclients.conf:1: client [bad] is left out", file.Errors);
    }

    [Fact]
    public void An_invalid_checker_is_one_error_without_a_warning_about_an_empty_one()
    {
        using var file = new ClientFile("[bad]\nkey_id = KEY\nsecret = wQED0gEB\nchecker = %(nothing)s\n");

        Assert.Contains(
            "clients.conf:4: [bad] checker: '%(nothing)s' refers to an option that does not exist", file.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("cannot fail", file.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void All_problems_of_a_client_are_reported_at_once()
    {
        using var file = new ClientFile(
            "[a]\nkey_id = x\nsecret = A\ntimeout = soon\ninterval = 0s\nenabled = perhaps\nchecker = %\napproval_delay = -1s\n");

        Assert.Equal([2, 3, 4, 5, 6, 7, 8, 1], file.Problems.Select(p => p.Line).Order().Except([1]).Append(1));
    }

    [Theory]
    [InlineData("interval = 0s", "[a] interval: it must be greater than zero")]
    [InlineData("timeout = -5m", "[a] timeout: '-5m' is a negative duration")]
    [InlineData("approval_duration = 5 M", "[a] approval_duration: '5 M' is not a duration")]
    [InlineData("approved_by_default = ja", "[a] approved_by_default: 'ja' is neither true nor false")]
    [InlineData("checker = 100%", "[a] checker: a '%' must be followed by '%' or '('; write '%%' for a percent sign")]
    [InlineData("host = %(nosuch)s", "[a] host: '%(nosuch)s' refers to an option that does not exist")]
    public void An_invalid_value_is_reported_with_its_line_number(string option, string message)
    {
        using var file = new ClientFile($"[a]\nkey_id = KEY\nsecret = wQED0gEB\n{option}\n");

        Assert.Empty(file.Clients);
        Assert.Contains($"clients.conf:4: {message}", file.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void The_second_of_two_clients_with_the_same_key_is_left_out()
    {
        using var file = new ClientFile("[a]\nkey_id = KEY\nsecret = wQED0gEB\n[b]\nkey_id = KEY\nsecret = eQ==\n");

        Assert.Equal(["a"], file.Clients.Select(c => c.Name));
        Assert.Contains("clients.conf:5: [b] key_id: also that of client [a] (clients.conf:1)", file.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("wQED0gEB", "")]
    [InlineData(
        "wQED0gkB",
        "clients.conf:3: [a] secret: it is truncated: packet 2 (type 18) lacks at least 8 bytes; the client may not be able to use it")]
    [InlineData("0gEB", "clients.conf:3: [a] secret: it has no recipient: no key can decrypt it; the client may not be able to use it")]
    [InlineData("", "clients.conf:1: client [a] has an empty secret: there is nothing to deliver")]
    [InlineData("eA==", "clients.conf:3: [a] secret: it is not an OpenPGP message; the client may not be able to use it")]
    [InlineData(
        "\n  -----BEGIN PGP MESSAGE-----\n  wQED0gEB\n  -----END PGP MESSAGE-----", "clients.conf:3: [a] secret: it is ASCII armor")]
    public void A_secret_that_no_client_can_use_is_a_warning_with_its_line_number(string secret, string warning)
    {
        using var file = new ClientFile($"[a]\nkey_id = KEY\nsecret = {secret}\n");

        if (warning.Length == 0)
            Assert.Equal("", file.Errors);
        else
            Assert.StartsWith(warning, file.Errors, StringComparison.Ordinal);
        Assert.All(file.Problems, problem => Assert.True(problem.IsWarning, problem.ToString()));
        Assert.Single(file.Clients);
    }

    [Fact]
    public void The_hash_of_empty_data_is_never_trusted()
    {
        using var file = new ClientFile(
            "[a]\nkey_id = E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855\nsecret = wQED0gEB\n");
        using var keeper = new DefinedSecrets([new("a", KeyId.OfNothing, "", new(), true, new(new(1)))], TimeProvider.System);

        Assert.Empty(file.Clients);
        Assert.Contains("hash of empty data", file.Errors, StringComparison.Ordinal);
        Assert.False(keeper.Knows(KeyId.OfNothing));
    }

    [Fact]
    public void A_client_with_only_a_fingerprint_is_kept_with_a_warning()
    {
        using var file = new ClientFile("[a]\nfingerprint = ab cd\nsecret = wQED0gEB\n");

        Assert.Equal("ABCD", Assert.Single(file.Clients).Fingerprint);
        Assert.True(Assert.Single(file.Problems).IsWarning);
    }

    [Fact]
    public void Defaults_match_the_manual()
    {
        using var file = new ClientFile("[a]\nkey_id = KEY\nsecret = wQED0gEB\n");
        var client = Assert.Single(file.Clients);
        var settings = client.Settings;

        Assert.Equal(("PT5M", "PT15M", "PT2M", "PT0S", "PT1S"), (settings.Timeout.ToRfc3339(), settings.ExtendedTimeout.ToRfc3339(),
            settings.Interval.ToRfc3339(), settings.ApprovalDelay.ToRfc3339(), settings.ApprovalDuration.ToRfc3339()));
        Assert.Equal(
            (true, true, "fping -q -- %(host)s", ""), (client.Enabled, settings.ApprovedByDefault, settings.Checker, settings.Host));
    }

    [Fact]
    public void No_message_contains_part_of_a_secret()
    {
        using var file = new ClientFile(
            "[a]\nkey_id = KEY\nsecret = VGhpc0lzU2VjcmV0\n  VGhpc0lzU2VjcmV0A\n[b]\nkey_id = OTHERKEY\nsecret = VGhpc0lzU2VjcmV0%\n");

        Assert.Empty(file.Clients);
        Assert.DoesNotContain("VGhp", file.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("~/x", "/home/me/x")]
    [InlineData("~", "/home/me")]
    [InlineData("~missing-user/x", "~missing-user/x")]
    [InlineData("a/~", "a/~")]
    [InlineData("$TILDE/x", "/home/me/x")]
    [InlineData("$A$B${A}", "1$B1")]
    [InlineData("$AB/${}/$/${A", "$AB/${}/$/${A")]
    [InlineData("$SELF", "$SELF")]
    public void Paths_are_expanded_as_Python_expands_them(string path, string expanded)
    {
        var variables = new Dictionary<string, string> { ["A"] = "1", ["TILDE"] = "~", ["SELF"] = "$SELF" };

        Assert.Equal(expanded, new PathExpansion(variables.GetValueOrDefault, user => user is null ? "/home/me/" : null).Expand(path));
    }

    [Theory]
    [InlineData("YQ==", "a")]
    [InlineData("YWI=", "ab")]
    [InlineData("YWJj", "abc")]
    [InlineData("YQ==YQ==", "a")]
    [InlineData("=YWJj", "abc")]
    [InlineData("Y=WJj", "abc")]
    [InlineData("YQ=x=", "a\f")]
    [InlineData("Y", null)]
    [InlineData("YQ", null)]
    [InlineData("YQ=", null)]
    public void Base64_is_read_as_Python_reads_it(string text, string? decoded)
    {
        using var secret = PythonBase64.Decode(text);

        Assert.Equal(decoded, secret is null ? null : System.Text.Encoding.ASCII.GetString(secret.Span));
    }

    [Fact]
    public void Any_bytes_survive_base64() =>
        Gen.Byte.Array[0, 300].Sample(bytes =>
        {
            using var secret = PythonBase64.Decode(Convert.ToBase64String(bytes, Base64FormattingOptions.InsertLineBreaks));
            Assert.Equal(bytes, secret!.Span.ToArray());
        });
}
