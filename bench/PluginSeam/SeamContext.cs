using System.Diagnostics.Metrics;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Modular.Abstractions;

namespace PluginSeam;

/// <summary>As much of a host as a scheduler needs.</summary>
internal sealed class SeamContext(string root) : IPluginContext, IDisposable
{
    public IScheduler? Scheduler { get; private set; }

    public PluginIdentity Self { get; } = new("scheduler", "scheduler-binpack", "0.1.0", 1);

    public JsonElement Configuration { get; } = JsonElement.Parse("{}");

    public ILoggerFactory Log => NullLoggerFactory.Instance;

    public TimeProvider Time => TimeProvider.System;

    public Meter Meter { get; } = new("bench");

    public string DataDirectory { get; } = Directory.CreateDirectory(Path.Combine(root, "data")).FullName;

    public string StateDirectory { get; } = Directory.CreateDirectory(Path.Combine(root, "state")).FullName;

    public IApiClient Api => throw new NotSupportedException();

    public IListeners Listeners => throw new NotSupportedException();

    public HostInformation Host { get; } = new() { NodeName = "node", ApiServer = new Uri("https://127.0.0.1:1"), Executable = "/bin/false", Version = "0.1.0" };

    public void Provide<T>(T implementation)
        where T : class => Scheduler = (IScheduler)(object)implementation;

    public ContractHandle<T> Require<T>()
        where T : class => throw new NotSupportedException();

    public void SetReady(bool ready, string reason = "", string message = "")
    {
        // Nobody looks.
    }

    public void Fatal(string reason) => throw new InvalidOperationException(reason);

    public void Dispose() => Meter.Dispose();
}
