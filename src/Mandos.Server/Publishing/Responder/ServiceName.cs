using Microsoft.Extensions.Logging;

namespace Mandos.Server.Publishing.Responder;

/// <summary>The name by which the service is announced now: the configured one, until another service on the network has it.</summary>
/// <param name="configured">What it is at first.</param>
/// <param name="logger">For each other one.</param>
/// <param name="renamed">Called with it.</param>
internal sealed class ServiceName(string configured, ILogger logger, Action<string> renamed)
{
    private volatile string _current = configured;

    internal string Current => _current;

    /// <summary>It has another name from now on, also where it is announced by other means later.</summary>
    internal void Change(string name)
    {
        _current = name;
        logger.Renamed(name);
        renamed(name);
    }
}
