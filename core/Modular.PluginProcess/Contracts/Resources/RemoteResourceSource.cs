using Grpc.Core;
using Modular.Abstractions;
using Protocol = Modular.PluginProcess.Protocol;

namespace Modular.PluginProcess.Contracts;

/// <summary>A resource source in another process. What it told last stands while it is not there.</summary>
internal sealed class RemoteResourceSource : IResourceSource
{
    private const int MostBytes = 64 * 1024 * 1024;

    private readonly RemotePlugin _plugin;
    private readonly Protocol.ResourceSource.ResourceSourceClient _client;
    private volatile Told _told;

    private RemoteResourceSource(RemotePlugin plugin)
    {
        _plugin = plugin;
        _client = new Protocol.ResourceSource.ResourceSourceClient(plugin.Channel);
        _told = new Told(0, []);
    }

    /// <summary>Asks for the kinds, so that a source that brings none that can be served takes over from nobody.</summary>
    /// <exception cref="PluginProcessException">It did not answer, or told what can't be served.</exception>
    public static async ValueTask<IResourceSource> OpenAsync(RemotePlugin plugin, CancellationToken cancellationToken)
    {
        var source = new RemoteResourceSource(plugin);
        source._told = await source.AskAsync(cancellationToken).ConfigureAwait(false);
        return source;
    }

    public async ValueTask<IReadOnlyList<ResourceDefinition>> GetResourcesAsync(CancellationToken cancellationToken)
    {
        if (_told.Generation != _plugin.Generation() && await TryAskAsync(cancellationToken).ConfigureAwait(false) is { } told)
        {
            _told = told;
        }

        return _told.Kinds;
    }

    /// <returns>Null if the process is not there: there will be another, and another generation with it.</returns>
    private async ValueTask<Told?> TryAskAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await AskAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (PluginProcessException e) when (e.InnerException is RpcException && RemoteRules.IsAway(e))
        {
            return null;
        }
    }

    private async ValueTask<Told> AskAsync(CancellationToken cancellationToken)
    {
        // Read first: whoever comes in between is another then.
        var generation = _plugin.Generation();
        var description = await _plugin.CallAsync(_client.DescribeAsync, new Protocol.DescribeRequest(), cancellationToken).ConfigureAwait(false);
        var bytes = description.CalculateSize();
        if (bytes > MostBytes)
        {
            throw _plugin.Wrong($"described its kinds in {bytes} bytes, which is more than {MostBytes}");
        }

        try
        {
            return new Told(generation, ResourceMessages.FromMessage(description, rules => new RemoteRules(_plugin, _client, rules), new RemoteDescriptions(_plugin, _client)));
        }
        catch (FormatException e)
        {
            throw _plugin.Wrong($"described kinds that can't be served: {e.Message}");
        }
    }

    /// <param name="Generation">The generation of the process that told it.</param>
    /// <param name="Kinds">What it told.</param>
    private sealed record Told(long Generation, IReadOnlyList<ResourceDefinition> Kinds);
}
