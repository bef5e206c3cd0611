namespace Modular.ApiServer.Tests;

/// <summary>Descriptions that count how often they are read.</summary>
internal sealed class FakeDescriptions : Dictionary<string, string>, ISchemaDescriptions
{
    public int Reads { get; private set; }

    public bool AreAway { get; set; }

    public ValueTask<IReadOnlyDictionary<string, string>> ReadAsync(CancellationToken cancellationToken)
    {
        Reads++;
        return AreAway
            ? throw new ApiException(new ApiStatus(StatusReason.ServiceUnavailable, "they are away") { RetryAfterSeconds = 1 })
            : new ValueTask<IReadOnlyDictionary<string, string>>(this);
    }
}
