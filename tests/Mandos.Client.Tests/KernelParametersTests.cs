using Mandos.Client.KernelParameters;

namespace Mandos.Client.Tests;

/// <summary>What the scripts of an initramfs read of the kernel command line.</summary>
public sealed class KernelParametersTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("quiet ro root=/dev/sda1", "")]
    [InlineData("mandos=on xmandos=off dyndbg=\"file x mandos=off +p\"", "")]
    [InlineData("mandos=off", "off\n")]
    [InlineData("quiet \"mandos=off\" ro\n", "off\n")]
    [InlineData("mandos=\"off\"", "off\n")]
    [InlineData("mandos=connect,no", "off\n")]
    [InlineData("mandos=0\tquiet", "off\n")]
    [InlineData("mandos=connect mandos=OFF", "off\n")]
    [InlineData("mandos=connect", "network\n")]
    [InlineData("mandos=connect cryptopts=target=a,source=b", "network\ndisk\n")]
    [InlineData("cryptopts=", "")]
    [InlineData("mandos=connect:192.0.2.1:4711", "network\noption --connect=192.0.2.1:4711\n")]
    [InlineData("mandos=connect:[fe80::1%eth0]:4711", "network\noption --connect=[fe80::1%eth0]:4711\n")]
    [InlineData("mandos=connect:192.0.2.1:1,[fd00::1]:2", "network\noption --server=192.0.2.1:1\noption --server=[fd00::1]:2\n")]
    [InlineData(
        "mandos=connect:192.0.2.1:1 mandos=connect:192.0.2.2:1", "network\noption --server=192.0.2.1:1\noption --server=192.0.2.2:1\n")]
    public void The_command_line_is_split_as_the_kernel_splits_it(string commandLine, string lines) =>
        Assert.Equal(lines, KernelParametersProgram.Lines(BootParameters.OfCommandLine(commandLine)));

    [Theory]
    [InlineData("mandos=other", "unknown setting in the kernel parameter mandos=: other;")]
    [InlineData("mandos=CONNECT:10.0.0.1:1", "unknown setting in the kernel parameter mandos=: CONNECT:10.0.0.1:1;")]
    [InlineData("mandos=192.0.2.1:1", "unknown setting in the kernel parameter mandos=: 192.0.2.1:1;")]
    [InlineData("mandos=connect:192.0.2.1", "kernel parameter mandos=: no port in '192.0.2.1': write 192.0.2.1:PORT;")]
    [InlineData("mandos=connect:", "kernel parameter mandos=: no port in ''")]
    [InlineData("mandos=connect:server.example.org:4711", "'server.example.org' is not a numeric address")]
    [InlineData("mandos=connect:[fe80::1%\u001b]:1", "kernel parameter mandos=: ")]
    public void An_error_is_a_one_line_warning_and_sets_no_option(string commandLine, string warning)
    {
        var lines = KernelParametersProgram.Lines(BootParameters.OfCommandLine(commandLine)).Split(
            '\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Contains(
            warning, Assert.Single(lines, line => line.StartsWith("warning ", StringComparison.Ordinal)), StringComparison.Ordinal);
        Assert.DoesNotContain(lines, line => line.StartsWith("option ", StringComparison.Ordinal));
        Assert.All(lines, line => Assert.DoesNotContain('\u001b', line));
    }

    [Theory]
    [InlineData("mandos=connect:192.0.2.1:1,192.0.2.2")]
    [InlineData("mandos=connect:192.0.2.2,192.0.2.1:1")]
    [InlineData("mandos=connect:192.0.2.1:1,server.example.org:4711")]
    [InlineData("mandos=connect:192.0.2.1:1,server.example.org")]
    [InlineData("mandos=connect:192.0.2.1:1,[fd00::1]")]
    [InlineData("mandos=connect:192.0.2.1:1 mandos=connect:")]
    public void A_single_valid_server_in_a_list_is_not_used_exclusively(string commandLine)
    {
        var lines = KernelParametersProgram.Lines(BootParameters.OfCommandLine(commandLine)).Split('\n');
        Assert.Equal(["network", "option --server=192.0.2.1:1"], lines[..2]);
        Assert.StartsWith("warning kernel parameter mandos=: ", lines[2], StringComparison.Ordinal);
        Assert.EndsWith("; searching for servers instead", lines[2], StringComparison.Ordinal);
    }

    [Fact]
    public void Values_without_a_parameter_name_are_those_that_dracut_found() =>
        Assert.Equal(
            "network\noption --connect=[2001:db8::1]:4799\n",
            KernelParametersProgram.Lines(BootParameters.OfValues(["on", "connect:[2001:db8::1]:4799"])));
}
