using Mandos.Client.Network;
using Mandos.Core.Linux.Netlink;

namespace Mandos.Client.Tests.Network;

public sealed class DuplicateDetectionTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("mandos").FullName;
    private readonly LinkState _link = InterfaceSelectionTests.Link(2, "eth0", LinkFlags.Broadcast);
    private readonly DuplicateDetection _detection;

    public DuplicateDetectionTests() => _detection = new DuplicateDetection(_root);

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void Settings_are_changed_once_and_restored_even_under_a_new_name()
    {
        Make("eth0", "0", "0", "1000");

        _detection.Hasten(_link);
        _detection.Hasten(_link);
        Assert.Equal("1 1 250", Read("eth0"));
        Directory.Move(Path.Combine(_root, "conf/eth0"), Path.Combine(_root, "conf/enp1s0"));
        Directory.Move(Path.Combine(_root, "neigh/eth0"), Path.Combine(_root, "neigh/enp1s0"));
        _detection.Restore(_link with { Name = "enp1s0" });

        Assert.Equal("0 0 1000", Read("enp1s0"));
    }

    [Fact]
    public void A_setting_that_another_process_changed_meanwhile_is_kept()
    {
        Make("eth0", "1", "0", "1000");

        _detection.Hasten(_link);
        File.WriteAllText(Path.Combine(_root, "neigh/eth0/retrans_time_ms"), "500\n");
        _detection.Restore(_link);

        Assert.Equal("1 0 500", Read("eth0"));
    }

    [Fact]
    public void Restoring_a_second_time_changes_nothing()
    {
        Make("eth0", "0", "0", "1000");
        _detection.Hasten(_link);
        _detection.Restore(_link);
        Make("eth0", "1", "1", "250");

        _detection.Restore(_link);

        Assert.Equal("1 1 250", Read("eth0"));
    }

    [Fact]
    public void If_the_kernel_lacks_these_settings_nothing_is_written()
    {
        Directory.CreateDirectory(Path.Combine(_root, "conf/eth0"));

        _detection.Hasten(_link);
        _detection.Restore(_link);

        Assert.Empty(Directory.EnumerateFiles(_root, "*", SearchOption.AllDirectories));
    }

    private void Make(string name, string optimistic, string use, string retransmission)
    {
        Directory.CreateDirectory(Path.Combine(_root, "conf", name));
        Directory.CreateDirectory(Path.Combine(_root, "neigh", name));
        File.WriteAllText(Path.Combine(_root, "conf", name, "optimistic_dad"), optimistic + "\n");
        File.WriteAllText(Path.Combine(_root, "conf", name, "use_optimistic"), use + "\n");
        File.WriteAllText(Path.Combine(_root, "neigh", name, "retrans_time_ms"), retransmission + "\n");
    }

    private string Read(string name) => string.Join(' ',
        Setting("conf", name, "optimistic_dad"), Setting("conf", name, "use_optimistic"), Setting("neigh", name, "retrans_time_ms"));

    // A setting of the kernel takes the whole of what is written; in a file the end of a longer old value remains.
    private string Setting(string kind, string name, string setting) => File.ReadLines(Path.Combine(_root, kind, name, setting)).First();
}
