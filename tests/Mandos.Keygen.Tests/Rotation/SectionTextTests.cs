using Mandos.Keygen.Servers;

namespace Mandos.Keygen.Tests.Rotation;

/// <summary>A section for other keys, made from the text of an old one.</summary>
public sealed class SectionTextTests
{
    [Theory]
    [InlineData("[web1]\nhost = web1\nkey_id = OLD\nfingerprint = OLD\nsecret =\n    b2xk\ntimeout = P2D\n",
        "[web1-next]\nhost = web1\nkey_id = NEW\nfingerprint = FINGER\nsecret =\n    bmV3\ntimeout = P2D\n")]
    [InlineData("[a b] ; note\nKey_ID: OLD\n  CONTINUED\nSECRET: b2xk\n  b2xk\n# comment\nchecker = x\n  y\n",
        "[web1-next] ; note\nKey_ID: NEW\nsecret =\n    bmV3\n# comment\nchecker = x\n  y\n")]
    [InlineData("[web1]\nsecret = b2xk\nkey_id=OLD\nfingerprints = stay\n",
        "[web1-next]\nsecret =\n    bmV3\nkey_id= NEW\nfingerprints = stay\n")]
    public void Only_name_keys_and_secret_are_others(string section, string expected) =>
        Assert.Equal(expected, SectionText.ForKeys(section, "web1-next", "NEW", "FINGER", "new"u8));

    [Theory]
    [InlineData("[web1]\nhost = [x]\n", "web1")]
    [InlineData("[a b] ; note\n", "a b")]
    [InlineData("[fe80::1]\r\n", "fe80::1")]
    [InlineData("[]\n", "")]
    [InlineData("", "")]
    public void The_name_is_between_the_brackets_of_the_first_line(string section, string name) =>
        Assert.Equal(name, SectionText.Name(section));
}
