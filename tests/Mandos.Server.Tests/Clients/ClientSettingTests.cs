using Mandos.Core.Durations;
using Mandos.Server.Bus.Interfaces;
using Mandos.Server.ClientFiles;
using Mandos.Server.Clients;
using Mandos.Server.Restoration;
using Mandos.Server.Store;

namespace Mandos.Server.Tests.Clients;

/// <summary>The table of settings: each row, in all that goes through the table.</summary>
public sealed class ClientSettingTests
{
    /// <summary>Every setting with a value that is not the built-in one.</summary>
    private static readonly ClientSettings Other = new()
    {
        ApprovalDelay = Minutes(1),
        ApprovalDuration = Minutes(2),
        ApprovedByDefault = false,
        Checker = "other %(host)s",
        ExtendedTimeout = Minutes(3),
        Host = "other.example",
        Interval = Minutes(4),
        Timeout = Minutes(7),
    };

    public static TheoryData<string> Rows => [.. ClientSetting.All.Select(s => s.Name)];

    [Fact]
    public void Every_property_of_the_settings_has_a_row()
    {
        var properties = typeof(ClientSettings).GetProperties(
            System.Reflection.BindingFlags.Instance | System.Reflection.BindingFlags.NonPublic)
            .Where(p => p.Name != "EqualityContract").Select(p => p.Name).Order();
        Assert.Equal(properties, ClientSetting.All.Select(s => s.Property.ToString()).Order());
        Assert.Equal(Other, ClientSetting.All.Aggregate(new ClientSettings(), (settings, row) => row.Copy(Other, settings)));
    }

    [Theory, MemberData(nameof(Rows))]
    public void A_setting_reads_and_writes_only_its_own_value(string name)
    {
        var row = Row(name);
        var changed = row.Copy(Other, ClientSetting.AllBuiltIn);
        Assert.False(row.IsSame(ClientSetting.AllBuiltIn, changed));
        Assert.Equal([name], ClientSetting.All.Where(s => !s.IsSame(ClientSetting.AllBuiltIn, changed)).Select(s => s.Name));
        Assert.Equal(row.ValueOf(Other), row.ValueOf(changed));
    }

    [Theory, MemberData(nameof(Rows))]
    public void A_setting_has_one_name_in_each_place(string name)
    {
        var row = Row(name);
        Assert.Equal(row.BuiltIn, ClientsReader.BuiltIn[name]);
        Assert.Same(row, ClientSetting.OnBus(row.BusName));
        Assert.Single(ClientProperties.Of(""), p => p.Name == row.BusName && p.Changes == row.Property);
        Assert.Contains(name, SettingsColumns.Names);
        foreach (var names
            in new[] { ClientSetting.All.Select(s => s.Name), ClientSetting.All.Select(s => s.BusName),
                ClientSetting.All.Select(s => s.SavedName) })
            Assert.Equal(names.Distinct(), names);
    }

    [Theory, MemberData(nameof(Rows))]
    public void A_setting_is_stored_and_reconciled(string name)
    {
        var changed = Row(name).Copy(Other, ClientSetting.AllBuiltIn);
        Assert.Equal(changed, SettingsColumns.Read(new RowReader([.. SettingsColumns.Of(changed)])));
        // The file wins where it changed, else what holds.
        Assert.Equal(changed, SettingsMerge.Of(ClientSetting.AllBuiltIn, ClientSetting.AllBuiltIn, changed));
        Assert.Equal(Other, SettingsMerge.Of(ClientSetting.AllBuiltIn, changed, Other));
        Assert.True(Row(name).IsSame(ClientSetting.AllBuiltIn, SettingsMerge.Of(changed, ClientSetting.AllBuiltIn, Other)));
        Assert.Equal(changed, SettingsMerge.Of(null, changed, Other));
    }

    [Theory, MemberData(nameof(Rows))]
    public void A_change_and_its_reverse_are_not_both_restrictions(string name)
    {
        var row = Row(name);
        var changed = row.Copy(Other, ClientSetting.AllBuiltIn);
        Assert.True(row.OnlyTakesFrom(changed, changed));
        Assert.False(row.OnlyTakesFrom(changed, ClientSetting.AllBuiltIn) && row.OnlyTakesFrom(ClientSetting.AllBuiltIn, changed));
        Assert.Equal(row.OnlyTakesFrom(changed, ClientSetting.AllBuiltIn), changed.OnlyTakesFrom(ClientSetting.AllBuiltIn));
    }

    private static ClientSetting Row(string name) => ClientSetting.All.Single(s => s.Name == name);

    private static Duration Minutes(int minutes) => new(TimeSpan.FromMinutes(minutes));
}
