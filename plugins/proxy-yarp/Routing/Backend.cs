using System.Net;

namespace Modular.Plugins.ProxyYarp.Routing;

/// <summary>An endpoint that takes new connections. Two at the same address and port are equal.</summary>
internal sealed record Backend(IPEndPoint EndPoint)
{
    /// <summary>The prefix of requests that go there.</summary>
    public string HttpPrefix { get; } = $"http://{EndPoint}/";
}
