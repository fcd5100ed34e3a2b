using Mandos.Client.Network;
using Microsoft.Extensions.Time.Testing;

namespace Mandos.Client.Tests.Network;

public sealed class DeviceNamingTests : IDisposable
{
    private readonly string _udev = Directory.CreateTempSubdirectory("mandos").FullName;
    private readonly FakeTimeProvider _time = new();
    private readonly DeviceNaming _naming;

    public DeviceNamingTests() => _naming = new DeviceNaming(_udev, _time);

    public void Dispose() => Directory.Delete(_udev, recursive: true);

    [Fact]
    public void An_interface_that_appeared_is_pending_until_udev_has_a_file_for_it()
    {
        Make("control");
        _naming.Appeared(7);
        Assert.True(_naming.IsPending(7));

        Make("data/n7");

        Assert.False(_naming.IsPending(7));
    }

    [Fact]
    public void It_is_not_waited_for_longer_than_a_second_also_when_it_is_reported_again()
    {
        Make("control");
        _naming.Appeared(7);
        _time.Advance(TimeSpan.FromMilliseconds(999));
        _naming.Appeared(7);
        Assert.True(_naming.IsPending(7));

        _time.Advance(TimeSpan.FromMilliseconds(1));

        Assert.False(_naming.IsPending(7));
    }

    [Fact]
    public void Without_udev_and_for_interfaces_that_were_there_before_nothing_is_pending()
    {
        _naming.Appeared(7);
        Assert.False(_naming.IsPending(7));

        Make("control");

        Assert.False(_naming.IsPending(8));
        _naming.Forget(7);
        Assert.False(_naming.IsPending(7));
    }

    private void Make(string name)
    {
        var path = Path.Combine(_udev, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, "");
    }
}
