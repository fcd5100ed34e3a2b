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
    public void Device_naming_is_awaited_for_at_most_a_second_even_if_the_device_is_reported_again()
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
    public void Nothing_is_pending_without_udev_or_for_interfaces_that_already_existed()
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
