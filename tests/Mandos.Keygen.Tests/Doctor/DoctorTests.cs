using System.Text.Json;
using Mandos.Keygen.Tests.Images;

namespace Mandos.Keygen.Tests.Doctor;

/// <summary>The examination of machines that are directories, with small images.</summary>
public sealed class DoctorTests
{
    public static TheoryData<string, bool> Cases
    {
        get
        {
            var cases = new TheoryData<string, bool>();
            foreach (var fault in Faults.All)
            {
                foreach (var dracut in new[] { false, true })
                {
                    if (fault.Dracut is null || fault.Dracut == dracut)
                        cases.Add(fault.Name, dracut);
                }
            }

            return cases;
        }
    }

    [Theory, MemberData(nameof(Cases))]
    public async Task A_fault_is_found_and_named_with_its_fix(string name, bool dracut)
    {
        var fault = Faults.All.Single(one => one.Name == name);
        using var machine = new SampleMachine(dracut);
        fault.Change(machine);

        var (exitCode, output, error) = await machine.RunAsync("--json");

        Assert.Equal("", error);
        var problems = Problems(output);
        Assert.Equal(fault.Ids, string.Join(' ', problems.Select(problem => problem.Id).Distinct()));
        Assert.Contains(fault.Text, problems[0].Text, StringComparison.Ordinal);
        Assert.All(problems, problem => Assert.False(string.IsNullOrEmpty(problem.Fix)));
        Assert.Equal(fault.ExitCode, exitCode);
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task A_healthy_machine_has_no_warning(bool dracut)
    {
        using var machine = new SampleMachine(dracut);

        var (exitCode, output, error) = await machine.RunAsync();

        Assert.Equal("", error);
        Assert.EndsWith("\nno problem found\n", output, StringComparison.Ordinal);
        Assert.All(output.Split('\n')[..^2], line => Assert.Matches("^(ok  |    )", line));
        Assert.Equal(0, exitCode);
        Assert.Equal(["--test", "--device=/dev/disk/by-uuid/6f1d4d5e-0b0c-4f2e-9a53-11b1a1a5c001"], machine.Arguments);
    }

    [Fact]
    public async Task Between_the_new_keys_and_the_next_boot_nothing_is_wrong()
    {
        using var machine = new SampleMachine(isDracut: false);
        Faults.Rotate(machine, "previous", SampleMachine.OtherKeys);
        machine.Files["/etc/keys/mandos/rotation/built"] = "this boot\n";

        var (exitCode, output, _) = await machine.RunAsync();

        Assert.Equal(0, exitCode);
        Assert.Contains("are kept until 'mandos-keygen rotate admin@server' after it", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_systemd_dracut_uses_plugin_runner()
    {
        using var machine = new SampleMachine(isDracut: true)
        {
            InImage = SampleImage.OfDracut(name => SampleMachine.Keys[name], systemd: false),
        };

        var (exitCode, output, _) = await machine.RunAsync();

        Assert.Equal((0, true), (exitCode, output.Contains("plugin-runner.conf starts the plugin", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Without_the_network_the_client_is_not_run()
    {
        using var machine = new SampleMachine(isDracut: false) { Client = new(2, "no password", "") };

        var (exitCode, output, _) = await machine.RunAsync("--no-network");

        Assert.Equal(0, exitCode);
        Assert.Empty(machine.Arguments);
        Assert.DoesNotContain("fetch", output, StringComparison.Ordinal);
    }

    /// <summary>The package puts a link to the client on the PATH of root.</summary>
    [Theory]
    [InlineData(null, "/usr/lib/x86_64-linux-gnu/mandos/plugins.d/mandos-client")]
    [InlineData("../lib/x86_64-linux-gnu/mandos/plugins.d/mandos-client", "mandos-client")]
    [InlineData("/opt/other/mandos-client", "/usr/lib/x86_64-linux-gnu/mandos/plugins.d/mandos-client")]
    public async Task The_fix_is_the_shortest_command_that_runs_the_client(string? link, string command)
    {
        using var machine = new SampleMachine(isDracut: false) { Client = new(2, "no password", "") };
        if (link is not null)
            machine.Links["/usr/sbin/mandos-client"] = link;

        var (_, output, _) = await machine.RunAsync("--json");

        Assert.Equal(
            $"run '{command} --test --device=/dev/disk/by-uuid/6f1d4d5e-0b0c-4f2e-9a53-11b1a1a5c001', and follow what it prints",
            Problems(output).Single().Fix);
    }

    [Fact]
    public async Task A_disk_of_the_kernel_command_line_needs_no_crypttab_with_dracut()
    {
        using var machine = new SampleMachine(isDracut: true);
        machine.InImage.Remove("etc/crypttab");
        machine.Files["/etc/crypttab"] = "";
        machine.Files["/boot/grub/grub.cfg"] = SampleMachine.Grub("rd.luks.uuid=luks-6f1d4d5e-0b0c-4f2e-9a53-11b1a1a5c001");

        var (exitCode, output, _) = await machine.RunAsync();

        Assert.True(exitCode == 0, output);
        Assert.Equal(["--test", "--device=/dev/vda2"], machine.Arguments);
    }

    /// <summary>A beginning of the UUID is enough for dracut, and rd.luks.name gives the open disk a name.</summary>
    [Theory]
    [InlineData("rd.luks.uuid=luks-6f1d4d5e rd.luks.uuid=6f1d4d5e-0b0c-4f2e-9a53-11b1a1a5c002")]
    [InlineData("rd.luks.name=6f1d4d5e-0b0c-4f2e-9a53-11b1a1a5c001=root luks.name=6f1d4d5e-0b0c-4f2e-9a53-11b1a1a5c002=data")]
    public async Task The_password_must_open_all_disks_of_the_kernel_command_line_with_dracut(string parameters)
    {
        using var machine = new SampleMachine(isDracut: true);
        machine.InImage.Remove("etc/crypttab");
        machine.Files["/boot/grub/grub.cfg"] = SampleMachine.Grub(parameters);
        foreach (var disk in new[] { 1, 2, 3 })
            machine.Files[$"/dev/disk/by-uuid/6f1d4d5e-0b0c-4f2e-9a53-11b1a1a5c00{disk}"] = "";

        var (exitCode, output, _) = await machine.RunAsync();

        Assert.True(exitCode == 0, output);
        Assert.Equal(
            ["--test", "--device=/dev/vda2", "--device=/dev/disk/by-uuid/6f1d4d5e-0b0c-4f2e-9a53-11b1a1a5c002"], machine.Arguments);
    }

    [Fact]
    public async Task JSON_has_the_documented_members()
    {
        using var machine = new SampleMachine(isDracut: false) { Client = new(1, "first\nlast\n", "") };

        var (_, output, _) = await machine.RunAsync("--json");

        using var json = JsonDocument.Parse(output);
        Assert.Equal("warning", json.RootElement.GetProperty("result").GetString());
        Assert.Equal(SampleMachine.Image, json.RootElement.GetProperty("image").GetString());
        var fetch = json.RootElement.GetProperty("findings").EnumerateArray().Single(one => one.GetProperty("id").GetString() == "fetch");
        Assert.Equal(
            ["id", "subject", "severity", "text", "fix", "details"], fetch.EnumerateObject().Select(member => member.Name));
        Assert.Equal("last", fetch.GetProperty("text").GetString());
        Assert.Equal("first", fetch.GetProperty("details")[0].GetString());
    }

    private static List<(string Id, string Text, string? Fix)> Problems(string output)
    {
        using var json = JsonDocument.Parse(output);
        return
        [
            .. json.RootElement.GetProperty("findings").EnumerateArray()
                .Where(one => one.GetProperty("severity").GetString() != "ok")
                .Select(one => (
                    one.GetProperty("id").GetString()!, one.GetProperty("text").GetString()!, one.GetProperty("fix").GetString())),
        ];
    }
}
