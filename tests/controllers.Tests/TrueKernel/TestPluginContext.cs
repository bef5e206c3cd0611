using System.Diagnostics.Metrics;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Modular.Kernel.Plugins;

namespace Modular.Plugins.Controllers.Tests;

/// <summary>The host as a plugin sees it, reduced to what the controllers use.</summary>
internal sealed class TestPluginContext(string id, Func<IApiClient>? api, TimeProvider time, object? required = null) : IPluginContext, IDisposable
{
    public List<object> Provided { get; } = [];

    public PluginIdentity Self { get; } = new(id, id, "0.1.0", 1);

    public JsonElement Configuration { get; } = JsonDocument.Parse("{}").RootElement;

    public ILoggerFactory Log => NullLoggerFactory.Instance;

    public TimeProvider Time => time;

    public Meter Meter { get; } = new(id);

    public string DataDirectory => Path.Combine(AppContext.BaseDirectory, "data", id);

    public string StateDirectory => throw new NotSupportedException();

    public IApiClient Api => api?.Invoke() ?? throw new NotSupportedException();

    public IListeners Listeners => throw new NotSupportedException();

    public HostInformation Host { get; } = new()
    {
        NodeName = "n1",
        ApiServer = new Uri("https://127.0.0.1:6443"),
        Executable = "/nowhere",
        Version = "0.1.0",
    };

    public void Provide<T>(T implementation)
        where T : class => Provided.Add(implementation);

    public ContractHandle<T> Require<T>()
        where T : class => (ContractHandle<T>)required!;

    public CandidateHandle<T> RequireCandidates<T>()
        where T : class => new ContractRegistry().Candidates<T>();

    public void SetReady(bool ready, string reason = "", string message = "")
    {
    }

    public void Renew() => throw new NotSupportedException();

    public void Fatal(string reason) => throw new InvalidOperationException(reason);

    public void Dispose() => Meter.Dispose();
}
