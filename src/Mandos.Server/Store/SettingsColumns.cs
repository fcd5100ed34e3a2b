using Mandos.Core.Durations;
using Mandos.Server.Clients;

namespace Mandos.Server.Store;

/// <summary>The columns that a client and its section of the configuration have in common.</summary>
internal static class SettingsColumns
{
    internal static IEnumerable<string> Names => ClientSetting.All.Select(s => s.Name);

    internal static IEnumerable<object?> Of(ClientSettings settings) => ClientSetting.All.Select(s => s.ValueOf(settings) switch
    {
        Duration duration => duration.Value.Ticks,
        bool flag => flag ? 1L : 0,
        var text => text,
    });

    internal static ClientSettings Read(RowReader row) => ClientSetting.ReadAll(new Source(row), new());

    private sealed class Source(RowReader row) : ISettingSource
    {
        public string? Text(TextSetting setting) => row.Text();

        public Duration? Duration(DurationSetting setting) => new Duration(TimeSpan.FromTicks(row.Number()));

        public bool? Flag(FlagSetting setting) => row.Flag();
    }
}
