using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
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
        await ended.Task.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private static WebApplication Build(string socket, PluginService service, ProvidedContracts contracts, ChildLog log)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Logging.AddProvider(log);
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.WebHost.ConfigureKestrel(options => options.ListenUnixSocket(socket, listen => listen.Protocols = HttpProtocols.Http2));
        builder.Services.AddGrpc(options =>
        {
            options.EnableDetailedErrors = true;
            // A cluster's whole state has no bound.
            options.MaxReceiveMessageSize = null;
            options.MaxSendMessageSize = null;
        });
        builder.Services.AddSingleton(service);
        builder.Services.AddSingleton(contracts);
        var app = builder.Build();
        app.MapGrpcService<PluginService>();
        ContractAdapter.MapAll(app);
        return app;
    }
}
