using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Modular.Abstractions;
using Modular.PluginProcess.Child;
using Modular.PluginProcess.Contracts;
using Protocol = Modular.PluginProcess.Protocol;

namespace Modular.PluginProcess.Tests;

/// <summary>A resource source as a host calls it over a socket, and the process that answers there, which comes and goes.</summary>
internal sealed class ResourceServer : IAsyncDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("modular-resources-");
    private readonly GrpcChannel _channel;
    private WebApplication? _app;
    private long _generation = 1;

    public ResourceServer() => _channel = PluginChannel.Open(Socket);

    private string Socket => Path.Combine(_directory.FullName, "s");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Starts a process that provides a source.</summary>
    public Task StartAsync(IResourceSource source) => StartAsync(
        services =>
        {
            var contracts = new ProvidedContracts();
            contracts.Add(source);
            services.AddContractServices(LoggerFactory.Create(_ => { }).CreateLogger("test"));
            services.AddSingleton<IContractSource>(contracts);
        },
        app => app.MapGrpcService<ResourceSourceService>());

    /// <summary>Starts a process that answers as a test says.</summary>
    public Task StartAsync(HostileSource source) => StartAsync(
        services =>
        {
            services.AddGrpc(options => options.MaxSendMessageSize = null);
            services.AddSingleton(source);
        },
        app => app.MapGrpcService<HostileSource>());

    /// <summary>What the host has of it.</summary>
    public async Task<IResourceSource> OpenAsync(TimeSpan? callTimeout = null) => await RemoteResourceSource.OpenAsync(
        new RemotePlugin(
            new PluginIdentity("resources", "resources-test", "1.0.0", 1), _channel.CreateCallInvoker(), callTimeout ?? TimeSpan.FromSeconds(30),
            () => Interlocked.Read(ref _generation)),
        Token);

    /// <summary>The host has noticed that there is another process.</summary>
    public void Renew() => Interlocked.Increment(ref _generation);

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

    private async Task StartAsync(Action<IServiceCollection> configure, Action<WebApplication> map)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(options => options.ListenUnixSocket(Socket, listen => listen.Protocols = HttpProtocols.Http2));
        configure(builder.Services);
        _app = builder.Build();
        map(_app);
        await _app.StartAsync(Token);
    }

    /// <summary>Answers whatever a test wants.</summary>
    internal sealed class HostileSource : Protocol.ResourceSource.ResourceSourceBase
    {
        public Protocol.Description Description { get; set; } = new();

        public Protocol.WriteRuling Ruling { get; set; } = new();

        public Protocol.DeletionRuling Deletion { get; set; } = new();

        public Protocol.NodeRequest Node { get; set; } = new();

        public Protocol.RenderReply Table { get; set; } = new();

        public override Task<Protocol.Description> Describe(Protocol.DescribeRequest request, Grpc.Core.ServerCallContext context) => Task.FromResult(Description);

        public override Task<Protocol.WriteRuling> Write(Protocol.ResourceWrite request, Grpc.Core.ServerCallContext context) => Task.FromResult(Ruling);

        public override Task<Protocol.DeletionRuling> Delete(Protocol.DeleteObjectRequest request, Grpc.Core.ServerCallContext context) => Task.FromResult(Deletion);

        public override Task<Protocol.NodeRequest> Resolve(Protocol.ResolveRequest request, Grpc.Core.ServerCallContext context) => Task.FromResult(Node);

        public override Task<Protocol.RenderReply> Render(Protocol.RenderRequest request, Grpc.Core.ServerCallContext context) => Task.FromResult(Table);
    }
}
