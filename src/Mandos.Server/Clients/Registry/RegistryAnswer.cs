namespace Mandos.Server.Clients.Registry;

/// <summary>The registry's answer to a request for a secret.</summary>
/// <param name="client">The client that holds the key.</param>
/// <param name="secret">The secret, held for this answer.</param>
/// <param name="refusal">Why there is no secret.</param>
/// <param name="ended">Called once when the connection has ended.</param>
internal sealed class RegistryAnswer(string? client, ClientSecret? secret, Refusal? refusal, Action<SecretAnswer>? ended)
    : SecretAnswer(client)
{
    private Action<SecretAnswer>? _ended = ended;

    /// <inheritdoc />
    internal override ClientSecret? Secret { get; } = secret;

    /// <inheritdoc />
    internal override Refusal? Refusal { get; } = refusal;

    /// <inheritdoc />
    public override ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _ended, null) is { } tell)
        {
            tell(this);
            Secret?.Dispose();
        }

        return ValueTask.CompletedTask;
    }
}
