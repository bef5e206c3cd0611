using Microsoft.AspNetCore.Http;
using Modular.Abstractions.Http;
using Protocol = Modular.PluginProcess.Protocol;

namespace Modular.PluginProcess.Contracts;

/// <summary>Paths that a plugin serves in another process.</summary>
internal sealed class RemoteHttpEndpoints : IHttpEndpoints
{
    private readonly RemotePlugin _plugin;

    private RemoteHttpEndpoints(RemotePlugin plugin, IReadOnlyList<string> prefixes)
    {
        _plugin = plugin;
        Prefixes = prefixes;
    }

    public IReadOnlyList<string> Prefixes { get; }

    /// <summary>Asks which paths they are.</summary>
    /// <exception cref="PluginProcessException">The process does not say, or names what is no path.</exception>
    public static async ValueTask<IHttpEndpoints> OpenAsync(RemotePlugin plugin, CancellationToken cancellationToken)
    {
        var client = new Protocol.HttpEndpoints.HttpEndpointsClient(plugin.Channel);
        var reply = await plugin.CallAsync(client.GetPrefixesAsync, new Protocol.PrefixesRequest(), cancellationToken).ConfigureAwait(false);
        return reply.Prefixes.FirstOrDefault(prefix => !prefix.StartsWith('/')) is { } wrong
            ? throw plugin.Wrong($"serves the prefix '{wrong}', which does not begin with a slash")
            : new RemoteHttpEndpoints(plugin, [.. reply.Prefixes]);
    }

    public Task HandleAsync(HttpContext context) => _plugin.Requests!.Value.ForwardAsync(context, ContractAdapter.NameOf(typeof(IHttpEndpoints)));
}
