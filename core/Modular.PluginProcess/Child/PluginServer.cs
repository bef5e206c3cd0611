using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Modular.Abstractions;
using Modular.PluginLoader;
using Modular.PluginProcess.Contracts;

namespace Modular.PluginProcess.Child;

/// <summary>Runs a .NET plugin in this process for the host that started it.</summary>
public static class PluginServer
{
    private const int StreamWindow = 256 * 1024;
    private static readonly TimeSpan LastWords = TimeSpan.FromSeconds(5);

    /// <summary>Serves until the host ends the input.</summary>
    /// <param name="directory">The plugin's folder.</param>
    /// <param name="openApi">Makes an API client of a kubeconfig file.</param>
    /// <param name="cancellationToken">Ends the process in good order.</param>
    /// <exception cref="PluginProcessException">No host has started this process.</exception>
    /// <exception cref="PluginManifestException">The manifest can't be used.</exception>
    /// <exception cref="PluginLoadException">The code can't be used.</exception>
    public static async Task RunAsync(string directory, Func<string, IApiClient> openApi, CancellationToken cancellationToken)
    {
        var socket = Environment.GetEnvironmentVariable(ProcessProtocol.SocketVariable)
            ?? throw new PluginProcessException("a host starts this command, not a person; 'modular plugins ls' shows which plugins run");
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var installed = new InstalledPlugin(directory, PluginManifestReader.ReadFile(Path.Combine(directory, PluginManifestReader.FileName)));
        var contracts = new ProvidedContracts();
        var log = new ChildLog(Console.Error);
        await using var service = new PluginService(installed, new McMasterPluginLoader().Load(installed, PluginLimits.None), contracts, log, new ReadyState(), openApi);
        ChildProcess.WhenInputEnds(() =>
        {
            if (!service.HasStopped)
            {
                ChildProcess.EndAtOnce();
            }

            ended.TrySetResult();
        });
        await using var app = Build(socket, service, contracts, log);
        await app.StartAsync(cancellationToken);
        await Console.Out.WriteLineAsync($"{ProcessProtocol.Greeting} {ProcessProtocol.Version}");
        Task end = Task.WhenAny(ended.Task, service.Left);
        await end.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (service.Left.IsCompleted)
        {
            // The last of what it carried may still be on its way out.
            using var patience = new CancellationTokenSource(LastWords);
            await app.StopAsync(patience.Token);
        }
    }

    private static WebApplication Build(string socket, PluginService service, ProvidedContracts contracts, ChildLog log)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Logging.AddProvider(log);
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.Logging.AddFilter("Grpc.AspNetCore.Server.ServerCallHandler", LogLevel.None);
        builder.WebHost.ConfigureKestrel(options =>
        {
            options.ListenUnixSocket(socket, listen => listen.Protocols = HttpProtocols.Http2);
            if (Environment.GetEnvironmentVariable(ProcessProtocol.HttpSocketVariable) is { } requests)
            {
                options.ListenUnixSocket(requests, listen => listen.Protocols = HttpProtocols.Http1);
            }

            Limit(options.Limits);
        });
        builder.Services.AddContractServices(log.CreateLogger("plugin"));
        builder.Services.AddSingleton(service);
        builder.Services.AddSingleton<IContractSource>(contracts);
        var app = builder.Build();
        var handler = new RequestHandler(contracts, log.CreateLogger("plugin"));
        // The one socket speaks HTTP/2 only and the other HTTP/1.1 only.
        app.MapWhen(context => HttpProtocol.IsHttp11(context.Request.Protocol), requests => requests.UseWebSockets().Run(handler.HandleAsync));
        app.MapGrpcService<PluginService>();
        ContractAdapter.MapAll(app);
        return app;
    }

    // A stream that stands still, because a command does not read its input or nobody reads its output, may do so for as long as it likes. What it
    // holds back is bounded, and leaves room for all the others that can be on the connection.
    private static void Limit(KestrelServerLimits limits)
    {
        limits.MinRequestBodyDataRate = null;
        limits.MinResponseDataRate = null;
        limits.MaxRequestBodySize = null;
        limits.Http2.InitialStreamWindowSize = StreamWindow;
        limits.Http2.InitialConnectionWindowSize = StreamWindow * limits.Http2.MaxStreamsPerConnection;
    }
}
