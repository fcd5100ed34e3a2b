using Mandos.Keygen.Failures;
using Mandos.Keygen.Keys;
using Microsoft.Extensions.Time.Testing;

namespace Mandos.Keygen.Tests;

public sealed class KeyExpiryTests
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 23, 9, 0, 0, TimeSpan.Zero));

    [Theory]
    [InlineData("0")]
    [InlineData("none")]
    [InlineData("never")]
    [InlineData("-")]
    public void Never(string text) => Assert.Null(KeyExpiry.Parse(text, _time));

    [Theory]
    [InlineData("1", 86400)]
    [InlineData("30", 30 * 86400)]
    [InlineData("2d", 2 * 86400)]
    [InlineData("2w", 14 * 86400)]
    [InlineData("2m", 60 * 86400)]
    [InlineData("2y", 730 * 86400)]
    [InlineData("seconds=90", 90)]
    [InlineData("2026-11-24", 86400 + (3 * 3600))]
    [InlineData("2026-11-23", 3 * 3600)]
    [InlineData("20261123T100001", 3601)]
    public void An_expiry_is_read_as_gpg_reads_it(string text, int seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), KeyExpiry.Parse(text, _time));

    [Fact]
    public void An_expiry_date_means_noon_local_time()
    {
        _time.SetLocalTimeZone(TimeZoneInfo.CreateCustomTimeZone("east", TimeSpan.FromHours(2), "east", "east"));

        Assert.Equal(TimeSpan.FromHours(1), KeyExpiry.Parse("2026-11-23", _time));
    }

    [Theory]
    [InlineData("soon")]
    [InlineData("")]
    [InlineData("d")]
    [InlineData("1x")]
    [InlineData("-1")]
    [InlineData("+1")]
    [InlineData("1.5y")]
    [InlineData("2026-13-01")]
    [InlineData("99999999999999999999y")]
    public void Invalid_expiry_times_are_refused(string text) =>
        Assert.Equal($"--expire={text}: not a valid time", Assert.Throws<KeygenException>(() => KeyExpiry.Parse(text, _time)).Message);

    [Theory]
    [InlineData("2026-11-22")]
    [InlineData("20261123T085959")]
    [InlineData("0d")]
    public void An_expiry_time_in_the_past_is_refused(string text) =>
        Assert.Equal($"--expire={text}: not in the future", Assert.Throws<KeygenException>(() => KeyExpiry.Parse(text, _time)).Message);

    [Theory]
    [InlineData("80y")]
    [InlineData("2107-01-01")]
    [InlineData("seconds=4294967296")]
    [InlineData("999999999999y")]
    public void Times_that_the_format_cannot_hold_are_refused(string text) =>
        Assert.Equal(
            $"--expire={text}: later than an OpenPGP key can express",
            Assert.Throws<KeygenException>(() => KeyExpiry.Parse(text, _time)).Message);
}
