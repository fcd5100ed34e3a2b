using Mandos.Core.Exchange;
using Org.BouncyCastle.Tls;

namespace Mandos.Core.Tests.Exchange;

public sealed class TlsPriorityTests
{
    private const string Raw = "+CTYPE-RAWPK:!VERS-ALL:+VERS-TLS1.3";

    [Fact]
    public void The_originals_default_selects_our_own_preferences()
    {
        var priority = Ends.Priority(TlsPriority.DefaultText);
        Assert.Equal([0x1302, 0x1303, 0x1301, 0x1304], priority.CipherSuites);
        Assert.Equal([0x11EC, 0x001D, 0x0017, 0x0018, 0x0019], priority.Groups);
        Assert.Equal(SignatureScheme.ed25519, priority.SignatureSchemes[0]);
    }

    [Fact]
    public void The_originals_default_has_the_same_effect_when_parsed_word_by_word()
    {
        var priority = Ends.Priority(TlsPriority.DefaultText + ":%COMPAT");
        Assert.Equal(TlsPriority.Default.CipherSuites, priority.CipherSuites);
        Assert.Equal(TlsPriority.Default.Groups, priority.Groups);
        Assert.Equal(TlsPriority.Default.SignatureSchemes, priority.SignatureSchemes);
    }

    [Theory]
    [InlineData($"NORMAL:{Raw}", "1302 1303 1301 1304", "11ec 001d 0017 0018 0019")]
    [InlineData($"PFS:{Raw}", "1302 1303 1301 1304", "11ec 001d 0017 0018 0019")]
    [InlineData($"SECURE256:{Raw}", "1302 1303", "11ec 0018 0019")]
    [InlineData($"SECURE192:{Raw}", "1302 1303", "11ec 0018 0019")]
    [InlineData($"SUITEB128:{Raw}", "1301", "0017 0018")]
    [InlineData($"SUITEB192:{Raw}", "1302", "0018")]
    [InlineData($"NORMAL:{Raw}:-AES-256-GCM:-GROUP-X25519-MLKEM768", "1303 1301 1304", "001d 0017 0018 0019")]
    [InlineData($"NORMAL:{Raw}:-CIPHER-ALL:+AES-128-CCM:+CHACHA20-POLY1305", "1304 1303", "11ec 001d 0017 0018 0019")]
    [InlineData($"NORMAL:{Raw}:-GROUP-ALL:+GROUP-SECP521R1:+GROUP-X25519", "1302 1303 1301 1304", "0019 001d")]
    [InlineData($"NORMAL:{Raw}:-CURVE-ALL:+CURVE-SECP256R1", "1302 1303 1301 1304", "0017")]
    [InlineData($"NORMAL:{Raw}:-GROUP-EC-ALL", "1302 1303 1301 1304", "11ec")]
    [InlineData($"NORMAL:{Raw}:+GROUP-X448:+GROUP-FFDHE3072:-GROUP-DH-ALL", "1302 1303 1301 1304", "11ec 001d 0017 0018 0019")]
    [InlineData($"SECURE192:+SECURE128:{Raw}", "1302 1303 1301 1304", "11ec 0018 0019 001d 0017")]
    [InlineData(
        "NONE:+VERS-TLS1.3:+CTYPE-SRV-RAWPK:+AES-256-GCM:+AEAD:+GROUP-X25519:+SIGN-EDDSA-ED25519:+COMP-NULL:+ECDHE-RSA", "1302",
        "001d")]
    [InlineData(
        $"NORMAL:{Raw}:%SERVER_PRECEDENCE:%PROFILE_MEDIUM::-SHA1:!MD5:-COMP-ALL:+3DES-CBC:-KX-ALL", "1302 1303 1301 1304",
        "11ec 001d 0017 0018 0019")]
    public void A_priority_string_selects_suites_and_groups(string text, string suites, string groups)
    {
        var priority = Ends.Priority(text);
        Assert.Equal(suites, string.Join(' ', priority.CipherSuites.Select(s => $"{s:x4}")));
        Assert.Equal(groups, string.Join(' ', priority.Groups.Select(g => $"{g:x4}")));
    }

    [Theory]
    [InlineData("-SIGN-ALL:+SIGN-EDDSA-ED448:+SIGN-RSA-PSS-RSAE-SHA256", "0808 0804")]
    [InlineData("-SIGN-ALL:+SIGN-ECDSA-SHA256:+SIGN-ECDSA-SECP384R1-SHA384:+SIGN-RSA-SHA256", "0403 0503")]
    public void A_priority_string_selects_signatures(string words, string schemes) =>
        Assert.Equal(schemes, string.Join(' ', Ends.Priority($"NORMAL:{Raw}:{words}").SignatureSchemes.Select(s => $"{s:x4}")));

    [Theory]
    [InlineData("", "the priority string is empty")]
    [InlineData("NORMAL", "the priority string does not allow raw public keys (add +CTYPE-RAWPK)")]
    [InlineData("NORMAL:+CTYPE-RAWPK:-CTYPE-ALL", "the priority string does not allow raw public keys (add +CTYPE-RAWPK)")]
    [InlineData("NORMAL:+CTYPE-RAWPK:-VERS-TLS1.3", "the priority string does not allow TLS 1.3 (add +VERS-TLS1.3)")]
    [InlineData("NORMAL:+CTYPE-RAWPK:-VERS-ALL:+VERS-TLS1.2", "the priority string does not allow TLS 1.3 (add +VERS-TLS1.3)")]
    [InlineData("SUITEB128:+CTYPE-RAWPK", "the priority string does not allow TLS 1.3 (add +VERS-TLS1.3)")]
    [InlineData("NORMAL:+CTYPE-RAWPK:-CIPHER-ALL:+AES-128-CBC", "the priority string does not allow any TLS 1.3 cipher")]
    [InlineData("NORMAL:+CTYPE-RAWPK:-MAC-ALL:+SHA256", "the priority string does not allow any TLS 1.3 cipher")]
    [InlineData("NORMAL:+CTYPE-RAWPK:-GROUP-ALL:+GROUP-FFDHE2048", "the priority string does not allow any group for the key exchange")]
    [InlineData("NORMAL:+CTYPE-RAWPK:-SIGN-ALL:+SIGN-RSA-SHA256", "the priority string does not allow any signature algorithm")]
    [InlineData("NORMAL:+CTYPE-RAWPK:+AES-255-GCM", "unknown priority keyword \"+AES-255-GCM\"")]
    [InlineData("NORMAL:+CTYPE-RAWPKEY", "unknown priority keyword \"+CTYPE-RAWPKEY\"")]
    [InlineData("NORMAL:+CTYPE-RAWPK:%NO_EXTENSIONS", "unknown priority keyword \"%NO_EXTENSIONS\"")]
    [InlineData("NORMAL:+CTYPE-RAWPK:%PROFILE_BEST", "unknown priority keyword \"%PROFILE_BEST\"")]
    [InlineData("NORMAL:+GROUP-X25518", "unknown priority keyword \"+GROUP-X25518\"")]
    [InlineData("NORMAL:+SIGN-ED25519", "unknown priority keyword \"+SIGN-ED25519\"")]
    [InlineData("NORMAL:+VERS-TLS1.4", "unknown priority keyword \"+VERS-TLS1.4\"")]
    [InlineData("NORMAL:+", "unknown priority keyword \"+\"")]
    [InlineData("@SYSTEM", "unknown priority keyword \"@SYSTEM\"")]
    [InlineData("secure128", "unknown priority keyword \"secure128\"")]
    public void An_invalid_priority_string_is_refused_and_the_error_contains_the_keyword(string text, string message)
    {
        Assert.False(TlsPriority.TryParse(text, out var priority, out var error));
        Assert.Null(priority);
        Assert.Equal(message, error);
    }
}
