using System.CommandLine;
using Mandos.CommandLine;
using Mandos.Keygen.Enrolment;
using Mandos.Keygen.Failures;
using Mandos.Keygen.Hosting;
using Mandos.Keygen.KeyFiles;
using Mandos.Keygen.Servers;

namespace Mandos.Keygen.Commands;

/// <summary>What enroll, unenroll and rotate have in common: the server, the devices, and the run of the steps.</summary>
internal abstract class EnrolmentCommand : Subcommand
{
    private readonly Argument<IReadOnlyList<string>> _server = new("SERVER")
    {
        Description = "The Mandos server, as [USER@]SERVER for ssh; a user other than root needs sudo without a password there",
        Arity = ArgumentArity.ZeroOrMore,
        CustomParser = PlainOption.Words,
        DefaultValueFactory = static _ => [],
    };
    private readonly Option<string?> _dir = PlainOption.Text(
        "--dir", "DIR", $"Directory of the key files; default {KeyDirectory.Default}", "-d");
    private readonly Option<string?> _name = PlainOption.Text("--name", "NAME", "Name of the client; default is the host name", "-n");
    private readonly Option<IReadOnlyList<string>> _device = PlainOption.Texts(
        "--device", "DEVICE", "An encrypted device, as in crypttab; may be repeated. Default: what crypttab wants opened at boot");
    private readonly Option<string?> _via = PlainOption.Text(
        "--via", "WAY", "How the server is reached: files (default), bus (mandos-ctl there) or print (nothing is done there)");
    private readonly Option<string?> _step = PlainOption.Text("--step", "STEP", "Only this step, and those that it needs");
    private readonly Option<bool> _dryRun = PlainOption.Flag("--dry-run", "Print what would be done; nothing is changed");

    private protected EnrolmentCommand(string name, string summary, bool hasSection = true)
        : base(name, summary, failure: 1)
    {
        Program.Command.Arguments.Add(_server);
        foreach (var option in new Option[] { _dir, _device, _step, _dryRun })
            Program.Command.Options.Add(option);
        // A rotation finds the name and the way of the section that is there.
        if (!hasSection)
            return;
        Program.Command.Options.Add(_name);
        Program.Command.Options.Add(_via);
    }

    /// <inheritdoc/>
    private protected override async Task<int> RunAsync(
        ParseResult arguments, KeygenEnvironment environment, CancellationToken cancellationToken)
    {
        using var interruption = new Interruption(cancellationToken);
        return await RunAsync(arguments, CommandSurroundings.Of(environment, interruption), interruption.Token).ConfigureAwait(false);
    }

    /// <summary>Parses the arguments after the name, and performs the command in this environment; returns the exit code.</summary>
    /// <exception cref="KeygenException">It cannot be performed.</exception>
    internal async Task<int> RunAsync(
        IReadOnlyList<string> arguments, CommandSurroundings surroundings, CancellationToken cancellationToken) =>
        Program.Parse(arguments, surroundings.Output, surroundings.Error, out var exitCode) is { } result
            ? await RunAsync(result, surroundings, cancellationToken).ConfigureAwait(false)
            : exitCode;

    private async Task<int> RunAsync(ParseResult result, CommandSurroundings surroundings, CancellationToken cancellationToken)
    {
        var options = Read(result, surroundings);
        var steps = Steps(options);
        if (!surroundings.IsRoot)
            throw new KeygenException($"'{Program.Name}' needs root: it reads the keys, opens disks and builds images", "run this as root");
        if (!options.DryRun)
            Confirm(options, result, surroundings);
        // Standard output is for the section.
        var progress = new ProgressLines(
            surroundings.Error, surroundings.Watched,
            surroundings.Watched && string.IsNullOrEmpty(surroundings.Variable("NO_COLOR")));
        using var state = new EnrolmentState(options, Ports(options, surroundings, progress));
        var run = new EnrolmentRun(
            steps, state, progress, failure => Program.Error(surroundings.Error, failure.Message, failure.Hint));
        var outcome = options.DryRun
            ? await run.PlanAsync(surroundings.Output, cancellationToken).ConfigureAwait(false)
            : await run.RunAsync(cancellationToken).ConfigureAwait(false);
        if (outcome == EnrolmentOutcome.Failed)
            return Failure;
        if (!options.DryRun)
            (options.Via == SectionRoute.Print ? surroundings.Error : surroundings.Output).WriteLine(Conclusion(options, outcome));
        return 0;
    }

    /// <summary>The steps for these options.</summary>
    /// <exception cref="KeygenException">The requested one does not exist.</exception>
    private protected abstract IReadOnlyList<EnrolmentStep> Steps(EnrolmentOptions options);

    /// <summary>Asks before something is removed.</summary>
    /// <exception cref="KeygenException">The answer is no.</exception>
    private protected virtual void Confirm(EnrolmentOptions options, ParseResult result, CommandSurroundings surroundings)
    {
        // Nothing is removed.
    }

    /// <summary>The last line.</summary>
    private protected abstract string Conclusion(EnrolmentOptions options, EnrolmentOutcome outcome);

    /// <summary>Reads the options of the command itself.</summary>
    /// <exception cref="KeygenException">A value is invalid.</exception>
    private protected virtual EnrolmentOptions Read(ParseResult result, CommandSurroundings surroundings)
    {
        var via = ReadRoute(result.GetValue(_via));
        var words = result.GetValue(_server)!;
        if (words.Count > 1)
            throw new KeygenException($"one server at a time, not {words.Count}", $"try '{Program.Name} --help'");
        return new()
        {
            Server = words is [var server] ? SshTarget.Parse(server) : null,
            Directory = KeyDirectory.ChooseForNewKeys(result.GetValue(_dir)),
            Name = result.GetValue(_name),
            Devices = result.GetValue(_device)!,
            Via = via,
            Step = result.GetValue(_step),
            DryRun = result.GetValue(_dryRun),
        };
    }

    private static SectionRoute ReadRoute(string? value) => value switch
    {
        null or "files" => SectionRoute.Files,
        "bus" => SectionRoute.Bus,
        "print" => SectionRoute.Print,
        _ => throw new KeygenException($"'{value}' is not a valid value of --via", "the values are files, bus and print"),
    };

    private static EnrolmentPorts Ports(EnrolmentOptions options, CommandSurroundings surroundings, ProgressLines progress) => new()
    {
        Programs = surroundings.Programs,
        Disks = surroundings.Disks,
        Server = Server(options, surroundings),
        Rehearsal = surroundings.Rehearsal ?? new ClientRehearsal(surroundings.Programs),
        Images = surroundings.Images ?? new InitramfsImages(surroundings.Programs, new InspectedImageCheck()),
        MakeKeys = (directory, token) => surroundings.MakeKeys(directory, options.Name, token),
        BootId = surroundings.BootId,
        AskPassphrase = prompt =>
        {
            progress.MakeWay();
            return surroundings.AskPassphrase(prompt);
        },
        CanAsk = surroundings.CanAsk,
        HostName = surroundings.HostName,
        KeyScan = surroundings.KeyScan,
        Output = surroundings.Output,
        StandardInput = surroundings.StandardInput,
        Time = surroundings.Time,
    };

    private static IClientServer? Server(EnrolmentOptions options, CommandSurroundings surroundings)
    {
        if (options.Server is not { } name || options.Via == SectionRoute.Print)
            return null;
        // ssh asks on the terminal itself, whatever its standard input is.
        var target = new SshTarget(surroundings.Programs, name, interactive: surroundings.CanAsk && surroundings.Watched);
        return options.Via == SectionRoute.Bus ? new BusServer(target) : new FileServer(target);
    }
}
