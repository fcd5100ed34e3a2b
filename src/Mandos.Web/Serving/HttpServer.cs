using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Hosting;

namespace Mandos.Web.Serving;

/// <summary>HTTP on some sockets: Kestrel with limits, and nothing else of ASP.NET Core.</summary>
internal sealed class HttpServer : IAsyncDisposable
{
    private readonly WebApplication _application;

    private HttpServer(WebApplication application) => _application = application;

    /// <summary>Listens, and has a handler answer all requests.</summary>
    /// <exception cref="IOException">An address is in use, or cannot be used.</exception>
    internal static async Task<HttpServer> StartAsync(Action<KestrelServerOptions> listen, RequestDelegate handler)
    {
        var builder = WebApplication.CreateEmptyBuilder(new() { ContentRootPath = "/" });
        builder.WebHost.UseKestrelCore().ConfigureKestrel(options =>
        {
            options.AddServerHeader = false;
            options.Limits.MaxRequestBodySize = 16 << 10;
            options.Limits.MaxRequestHeadersTotalSize = 16 << 10;
            options.Limits.MaxRequestHeaderCount = 64;
            options.Limits.MaxRequestLineSize = 4 << 10;
            options.Limits.MaxConcurrentConnections = 512;
            options.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
            options.Limits.KeepAliveTimeout = TimeSpan.FromSeconds(60);
            listen(options);
        });
        var application = builder.Build();
        application.Run(handler);
        try
        {
            await application.StartAsync().ConfigureAwait(false);
        }
        catch
        {
            await application.DisposeAsync().ConfigureAwait(false);
            throw;
        }

        return new(application);
    }

    /// <summary>Listens on sockets that a service manager has opened.</summary>
    internal static Action<KestrelServerOptions> On(IReadOnlyList<int> descriptors) => options =>
    {
        foreach (var descriptor in descriptors)
            options.ListenHandle((ulong)descriptor);
    };

    /// <summary>Listens on addresses.</summary>
    internal static Action<KestrelServerOptions> On(IReadOnlyList<IPEndPoint> addresses) => options =>
    {
        foreach (var address in addresses)
            options.Listen(address);
    };

    /// <summary>Listens on a Unix socket.</summary>
    internal static Action<KestrelServerOptions> On(string path) => options => options.ListenUnixSocket(path);

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(2));
        await ((IHost)_application).StopAsync(limit.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _application.DisposeAsync().ConfigureAwait(false);
    }
}
