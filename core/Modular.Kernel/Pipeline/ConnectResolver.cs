using System.Net;
using System.Net.Sockets;

namespace Modular.Kernel;

/// <summary>Finds out whom to ask for an object that streams or stands for a server.</summary>
internal sealed class ConnectResolver(ObjectStorage storage, WatchCaches caches, KernelSettings settings)
{
    /// <summary>Reads the object, and the one beside it, and asks the kind's rules.</summary>
    /// <param name="target">Whose name may come with scheme and port, if it stands for a server.</param>
    /// <param name="kinds">Where the resource of the object beside it is found.</param>
    /// <param name="admit">Has its say about the object before the rules are asked.</param>
    /// <param name="query">The client's.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async ValueTask<NodeRequest> ResolveAsync(
        RequestTarget target,
        ResourceSnapshot kinds,
        Func<ApiObject, ValueTask> admit,
        IReadOnlyList<KeyValuePair<string, string>> query,
        CancellationToken cancellationToken)
    {
        var connect = target.Subresource!;
        var isServer = connect.Type == SubresourceType.Proxy;
        var (scheme, name, port) = isServer ? SchemeNamePort.Parse(target.Name) : new SchemeNamePort("", target.Name, "");
        var named = target with { Request = target.Request with { Name = name } };
        var found = await storage.GetAsync(named, cancellationToken).ConfigureAwait(false);
        await admit(found).ConfigureAwait(false);
        var question = new ConnectQuestion
        {
            Object = found,
            Beside = await FindBesideAsync(named, connect.Beside, kinds, cancellationToken).ConfigureAwait(false),
            Query = isServer ? [] : query,
            Scheme = scheme,
            Port = port,
        };
        var answer = await target.Definition.Rules.ResolveAsync(target.Definition, connect, question, cancellationToken).ConfigureAwait(false);
        return answer.Address.Length == 0 || IsAllowed(answer.Address) ? answer : throw RequestErrors.Bad("address not allowed");
    }

    private async ValueTask<ApiObject?> FindBesideAsync(
        RequestTarget target, GroupVersionResource? resource, ResourceSnapshot kinds, CancellationToken cancellationToken)
    {
        if (resource is not { } beside || !kinds.TryGet(beside, out var definition))
        {
            return null;
        }

        var other = target with { Request = target.Request with { Resource = beside, Subresource = "" }, Definition = definition, Cache = caches.Of(definition) };
        return await storage.FindAsync(other, target.Name, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>What users write into objects must not lead into the API server's own machine, nor to what only its neighbours may reach.</summary>
    private bool IsAllowed(string address)
    {
        if (!Uri.TryCreate(address, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https") || !IPAddress.TryParse(uri.Host.Trim('[', ']'), out var ip))
        {
            return false;
        }

        ip = ip.IsIPv4MappedToIPv6 ? ip.MapToIPv4() : ip;
        if (IPAddress.IsLoopback(ip))
        {
            return settings.AllowLoopbackEndpoints;
        }

        var bytes = ip.GetAddressBytes();
        return ip.AddressFamily == AddressFamily.InterNetwork
            ? bytes[0] is > 0 and < 224 && (bytes[0], bytes[1]) is not (169, 254)
            : !ip.IsIPv6LinkLocal && !ip.IsIPv6Multicast && !ip.Equals(IPAddress.IPv6Any);
    }
}
