using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Modular.PluginProcess.Contracts;

namespace Modular.PluginProcess;

/// <summary>Serves a plugin's process the contracts that its manifest requires, as protos/requirements.proto describes.</summary>
internal sealed class ContractServer : IAsyncDisposable
{
    private static readonly TimeSpan EndTimeout = TimeSpan.FromSeconds(1);

    private readonly string _path;
    private readonly WebApplication _app;

    private ContractServer(string path, WebApplication app) => (_path, _app) = (path, app);

    /// <param name="path">Where processes ask; only this user can.</param>
    /// <param name="contracts">What they may ask for.</param>
    /// <param name="log">Hears of calls that failed.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<ContractServer> StartAsync(string path, IReadOnlyList<ServedContract> contracts, ILogger log, CancellationToken cancellationToken)
    {
        File.Delete(path);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = EndTimeout);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.ListenUnixSocket(path, listen => listen.Protocols = HttpProtocols.Http2);
        });
        builder.Services.AddLogging();
        builder.Services.AddHttpContextAccessor();
        builder.Services.AddContractServices(log);
        builder.Services.AddSingleton(new ServedContracts(contracts));
        builder.Services.AddScoped<IContractSource, LeasedContracts>();
        var app = builder.Build();
        app.MapGrpcService<RequirementsService>();
        ContractAdapter.MapAll(app);
        var server = new ContractServer(path, app);
        try
        {
            await app.StartAsync(cancellationToken).ConfigureAwait(false);
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            return server;
        }
        catch
        {
            await server.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        // Ends the watches.
        await _app.StopAsync().ConfigureAwait(false);
        await _app.DisposeAsync().ConfigureAwait(false);
        File.Delete(_path);
    }
}
