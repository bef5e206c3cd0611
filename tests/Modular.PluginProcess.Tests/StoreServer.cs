using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Modular.Abstractions;
using Modular.PluginProcess.Child;
using Modular.PluginProcess.Contracts;

namespace Modular.PluginProcess.Tests;

/// <summary>A store as a host calls it over a socket, and the process that answers there, which comes and goes.</summary>
internal sealed class StoreServer : IAsyncDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("modular-store-");
    private readonly GrpcChannel _channel;
    private WebApplication? _app;

    public StoreServer(TimeSpan? callTimeout = null)
    {
        _channel = PluginChannel.Open(Socket);
        Store = new RemoteObjectStore(new RemotePlugin(
            new PluginIdentity("store", "store-test", "1.0.0", 1), _channel.CreateCallInvoker(), callTimeout ?? TimeSpan.FromSeconds(30), () => 1));
    }

    public IObjectStore Store { get; }

    private string Socket => Path.Combine(_directory.FullName, "s");

    /// <summary>Starts the process, which provides its store at once or not yet.</summary>
    public async Task<ProvidedContracts> StartAsync(IObjectStore? store)
    {
        var contracts = new ProvidedContracts();
        if (store is not null)
        {
            contracts.Add(store);
        }

        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(options => options.ListenUnixSocket(Socket, listen => listen.Protocols = HttpProtocols.Http2));
        builder.Services.AddGrpc(options => options.MaxReceiveMessageSize = null);
        builder.Services.AddSingleton<IContractSource>(contracts);
        _app = builder.Build();
        _app.MapGrpcService<StoreService>();
        await _app.StartAsync(TestContext.Current.CancellationToken);
        return contracts;
    }

    /// <summary>Ends the process with all its connections.</summary>
    public async Task KillAsync()
    {
        await _app!.StopAsync(new CancellationToken(canceled: true));
        await _app.DisposeAsync();
        _app = null;
    }

    public async ValueTask DisposeAsync()
    {
        _channel.Dispose();
        if (_app is not null)
        {
            await KillAsync();
        }

        _directory.Delete(recursive: true);
    }
}
