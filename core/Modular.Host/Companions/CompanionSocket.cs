using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Modular.Abstractions;
using Modular.Abstractions.Http;
using Modular.Kernel.Plugins;

namespace Modular.Host.Companions;

/// <summary>What a companion answers the first host process on a Unix socket: what an API server asks its node.</summary>
internal sealed class CompanionSocket : IAsyncDisposable
{
    private readonly string _path;
    private readonly WebApplication _application;
    private readonly ContractHandle<INodeEndpoint> _nodes;

    public CompanionSocket(string path, ContractRegistry contracts, ILoggerFactory log)
    {
        _path = path;
        _nodes = contracts.Handle<INodeEndpoint>();
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton(log);
        builder.Services.AddLogging();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Limits.MinResponseDataRate = null;
            kestrel.ListenUnixSocket(path, listen => listen.Protocols = HttpProtocols.Http1);
        });
        _application = builder.Build();
        _application.UseWebSockets();
        _application.Run(HandleAsync);
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        File.Delete(_path);
        return _application.StartAsync(cancellationToken);
    }

    public ValueTask DisposeAsync() => _application.DisposeAsync();

    private async Task HandleAsync(HttpContext context)
    {
        if (!_nodes.TryAcquire(out var node))
        {
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            return;
        }

        using (node)
        {
            await node.Value.HandleAsync(context);
        }
    }
}
