using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Text;
using Mandos.Core.Linux;
using Mandos.Notify.Configuration;
using Mandos.Notify.Events;

namespace Mandos.Notify.Sending;

/// <summary>A webhook: one HTTP request per message, signed if there is a secret.</summary>
internal sealed class WebhookTarget(WebhookSettings settings, HttpClient http, TimeProvider time) : Target(settings)
{
    /// <summary>The header with the time and the signature; see <see cref="Sign"/>.</summary>
    internal const string SignatureHeader = "Mandos-Signature";

    private const int ConnectionLost = 408, TooManyRequests = 429;

    private static readonly TimeSpan LongestRetryAfter = TimeSpan.FromHours(1);

    /// <summary>Creates a client that follows no redirection: a token must not go anywhere else.</summary>
    internal static HttpClient CreateHttpClient() => new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        ConnectTimeout = TimeSpan.FromSeconds(15),
        PooledConnectionIdleTimeout = TimeSpan.FromSeconds(30),
        MaxResponseHeadersLength = 64,
    })
    { Timeout = Timeout.InfiniteTimeSpan };

    /// <summary>
    /// The value of the header: the seconds since 1970, and the HMAC-SHA256 (in hexadecimal) of these seconds, a full stop and the body.
    /// A receiver that refuses old times is safe from replays.
    /// </summary>
    internal static string Sign(string secret, long seconds, byte[] body)
    {
        var stamp = seconds.ToString(CultureInfo.InvariantCulture);
        byte[] signed = [.. Encoding.ASCII.GetBytes(stamp), (byte)'.', .. body];
        return $"t={stamp},v1={Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), signed))}";
    }

    private protected override async Task<SendOutcome> TrySendAsync(Notification notification, CancellationToken cancellationToken)
    {
        using var request = Request(notification);
        try
        {
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken)
                .ConfigureAwait(false);
            return Judge(response);
        }
        catch (HttpRequestException e)
        {
            return SendOutcome.Temporary(Reason(e));
        }
    }

    private HttpRequestMessage Request(Notification notification)
    {
        var body = WebhookBody.Of(settings.Format, notification);
        var content = new ByteArrayContent(body.Bytes);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(body.Type);
        var request = settings.Format == WebhookFormat.Matrix
            ? new HttpRequestMessage(HttpMethod.Put, MatrixAddress(notification.Id))
            : new HttpRequestMessage(HttpMethod.Post, settings.Address);
        request.Content = content;
        request.Headers.UserAgent.Add(new("mandos-notify", CommandLine.ProgramVersion.Value));
        foreach (var (name, value) in body.Headers)
            request.Headers.TryAddWithoutValidation(name, value);
        if (settings.Token is { } token)
            request.Headers.Authorization = new("Bearer", token);
        if (settings.Secret is { } secret)
            request.Headers.TryAddWithoutValidation(SignatureHeader, Sign(secret, time.GetUtcNow().ToUnixTimeSeconds(), body.Bytes));
        return request;
    }

    /// <summary>The transaction ID makes the server accept a repeated message once.</summary>
    private Uri MatrixAddress(string id) =>
        new($"{settings.Address.AbsoluteUri.TrimEnd('/')}/_matrix/client/v3/rooms/{Uri.EscapeDataString(settings.Room!)}"
            + $"/send/m.room.message/{Uri.EscapeDataString(id)}");

    private SendOutcome Judge(HttpResponseMessage response)
    {
        var code = (int)response.StatusCode;
        var problem = string.Create(CultureInfo.InvariantCulture, $"the receiver answered HTTP {code}");
        return code switch
        {
            >= 200 and < 300 => SendOutcome.Sent,
            >= 300 and < 400 => SendOutcome.Permanent($"{problem}, a redirection, which is not followed; set url to the new address"),
            ConnectionLost or TooManyRequests or >= 500 => SendOutcome.Temporary(problem, RetryAfter(response)),
            (int)HttpStatusCode.Unauthorized or (int)HttpStatusCode.Forbidden =>
                SendOutcome.Permanent($"{problem}; check token and secret"),
            _ => SendOutcome.Permanent($"{problem}; check url and format"),
        };
    }

    private TimeSpan? RetryAfter(HttpResponseMessage response)
    {
        var wait = response.Headers.RetryAfter?.Delta ?? response.Headers.RetryAfter?.Date - time.GetUtcNow();
        return wait is { } span && span > TimeSpan.Zero ? (span < LongestRetryAfter ? span : LongestRetryAfter) : null;
    }

    /// <summary>The innermost cause, which says what to look at.</summary>
    private static string Reason(HttpRequestException e)
    {
        Exception cause = e;
        while (cause.InnerException is { } inner)
            cause = inner;
        return e.HttpRequestError switch
        {
            HttpRequestError.NameResolutionError => "the name of the receiver cannot be resolved",
            HttpRequestError.ConnectionError when cause is SocketException socket => $"cannot connect: {SystemFailure.Reason(socket)}",
            HttpRequestError.SecureConnectionError or HttpRequestError.ConnectionError when cause is AuthenticationException =>
                $"the certificate of the receiver is refused: {SystemFailure.Reason(cause)}",
            HttpRequestError.SecureConnectionError => $"TLS failed: {SystemFailure.Reason(cause)}",
            _ => SystemFailure.Reason(cause),
        };
    }
}
