using Modular.Abstractions;
using Modular.ApiMachinery;
using Protocol = Modular.PluginProcess.Protocol;

namespace Modular.PluginProcess.Contracts;

/// <summary>Descriptions of schemas that another process has.</summary>
internal sealed class RemoteDescriptions(RemotePlugin plugin, Protocol.ResourceSource.ResourceSourceClient client) : ISchemaDescriptions
{
    private const int MostBytes = 64 * 1024 * 1024;

    public async ValueTask<IReadOnlyDictionary<string, string>> ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            var explanation = await plugin.CallAsync(client.ExplainAsync, new Protocol.ExplainRequest(), cancellationToken).ConfigureAwait(false);
            return explanation.CalculateSize() is var bytes and > MostBytes
                ? throw plugin.Wrong($"described its schemas in {bytes} bytes, which is more than {MostBytes}")
                : explanation.Descriptions;
        }
        catch (PluginProcessException e)
        {
            throw new ApiException(
                new ApiStatus(StatusReason.ServiceUnavailable, $"resource plugin {plugin.Self.Name} can't be asked to describe its kinds: {e.Message}") { RetryAfterSeconds = 1 }, e);
        }
    }
}
