using Mandos.Configuration;
using Mandos.Core.Durations;
using Mandos.Server.Clients;

namespace Mandos.Server.Configuration;

/// <summary>The values of a section as a client's settings.</summary>
internal sealed class SettingValues(ConfigurationDocument document, ConfigurationSection section, List<ConfigurationProblem> problems)
    : ConfigurationValues(document, section, problems), ISettingSource
{
    string? ISettingSource.Text(TextSetting setting) => Text(setting.Name);

    Duration? ISettingSource.Duration(DurationSetting setting)
    {
        var duration = Duration(setting.Name);
        if (duration == Core.Durations.Duration.Zero && setting.IsNeverZero)
            Refuse(setting.Name, "it must be greater than zero");
        return duration;
    }

    bool? ISettingSource.Flag(FlagSetting setting) => Boolean(setting.Name);
}
