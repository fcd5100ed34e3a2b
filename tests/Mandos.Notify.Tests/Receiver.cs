using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Mandos.Notify.Tests;

/// <summary>A real HTTP server on a port of its own, which records requests.</summary>
internal sealed class Receiver : IAsyncDisposable
{
    private readonly WebApplication _application;
    private readonly Queue<(int Status, string? RetryAfter, string? Location)> _answers = new();

    private Receiver(IEnumerable<int> answers)
    {
        foreach (var answer in answers)
            Answer(answer);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(options => options.Listen(IPAddress.Loopback, 0));
        _application = builder.Build();
        _application.Run(HandleAsync);
    }

    internal Uri Address =>
        new(_application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());

    internal List<Request> Requests { get; } = [];

    internal static async Task<Receiver> StartAsync(params int[] answers)
    {
        var receiver = new Receiver(answers);
        await receiver._application.StartAsync();
        return receiver;
    }

    internal void Answer(int status, string? retryAfter = null, string? location = null) =>
        _answers.Enqueue((status, retryAfter, location));

    public ValueTask DisposeAsync() => _application.DisposeAsync();

    private async Task HandleAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        var headers = context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString());
        Requests.Add(new(context.Request.Method, context.Features.Get<IHttpRequestFeature>()!.RawTarget, headers, body.ToArray()));
        var (status, retryAfter, location) = _answers.TryDequeue(out var answer) ? answer : (200, null, null);
        context.Response.StatusCode = status;
        if (retryAfter is not null)
            context.Response.Headers.RetryAfter = retryAfter;
        if (location is not null)
            context.Response.Headers.Location = location;
    }

    internal sealed record Request(string Method, string Path, IReadOnlyDictionary<string, string> Headers, byte[] Body)
    {
        internal string Text => Encoding.UTF8.GetString(Body);
    }
}
