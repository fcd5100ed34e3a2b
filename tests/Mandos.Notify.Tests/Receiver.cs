using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Mandos.Notify.Tests;

/// <summary>A real HTTP server on a port of its own, which records requests.</summary>
internal sealed class Receiver : IDisposable
{
    private readonly HttpListener _listener = new();
    private readonly Queue<(int Status, string? RetryAfter, string? Location)> _answers = new();

    internal Receiver(params int[] answers)
    {
        foreach (var answer in answers)
            Answer(answer);
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        var port = ((IPEndPoint)probe.LocalEndpoint).Port;
        probe.Stop();
        Address = new Uri($"http://127.0.0.1:{port}/");
        _listener.Prefixes.Add(Address.AbsoluteUri);
        _listener.Start();
        _ = ServeAsync();
    }

    internal Uri Address { get; }

    internal List<Request> Requests { get; } = [];

    internal void Answer(int status, string? retryAfter = null, string? location = null) =>
        _answers.Enqueue((status, retryAfter, location));

    public void Dispose() => _listener.Close();

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                var context = await _listener.GetContextAsync();
                using var body = new MemoryStream();
                await context.Request.InputStream.CopyToAsync(body);
                var headers = context.Request.Headers.AllKeys.ToDictionary(name => name!, name => context.Request.Headers[name]!);
                Requests.Add(new(context.Request.HttpMethod, context.Request.RawUrl!, headers, body.ToArray()));
                var (status, retryAfter, location) = _answers.TryDequeue(out var answer) ? answer : (200, null, null);
                context.Response.StatusCode = status;
                if (retryAfter is not null)
                    context.Response.Headers["Retry-After"] = retryAfter;
                if (location is not null)
                    context.Response.Headers["Location"] = location;
                context.Response.Close();
            }
        }
        catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
        {
            // Closed.
        }
    }

    internal sealed record Request(string Method, string Path, IReadOnlyDictionary<string, string> Headers, byte[] Body)
    {
        internal string Text => Encoding.UTF8.GetString(Body);
    }
}
