using Microsoft.Extensions.Logging;

namespace Mandos.Server.Publishing.Responder;

/// <summary>The current announced name of the service: the configured one, unless another service on the network has that name.</summary>
/// <param name="configured">The initial name.</param>
/// <param name="logger">Logs each change.</param>
/// <param name="renamed">Called with each new name.</param>
internal sealed class ServiceName(string configured, ILogger logger, Action<string> renamed)
{
    private volatile string _current = configured;

    internal string Current => _current;

    /// <summary>Changes the name, for later announcements by other means too.</summary>
    internal void Change(string name)
    {
        _current = name;
        logger.Renamed(name);
        renamed(name);
    }
}
