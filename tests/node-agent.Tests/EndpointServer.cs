using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Modular.Plugins.NodeAgent.Tests;

/// <summary>An agent's endpoint behind a true Kestrel.</summary>
internal sealed class EndpointServer : IAsyncDisposable
{
    private readonly WebApplication _server;

    private EndpointServer(WebApplication server)
    {
        _server = server;
        Address = new Uri(server.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
    }

    public Uri Address { get; }

    public static async Task<EndpointServer> StartAsync(AgentFixture fixture, CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var server = builder.Build();
        server.UseWebSockets();
        server.Run(context => fixture.Endpoint.HandleAsync(context));
        await server.StartAsync(cancellationToken);
        return new EndpointServer(server);
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();
}
