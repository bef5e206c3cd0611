using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Modular.Abstractions;

namespace Modular.PluginProcess.Tests;

/// <summary>A host, as a plugin sees it, that remembers what the plugin says.</summary>
internal sealed class TestContextOfPlugin(string root, PluginIdentity self, string configuration) : IPluginContext, IDisposable
{
    public ConcurrentDictionary<Type, object> Provided { get; } = new();

    public LogLines Lines { get; } = new();

    public (bool Ready, string Reason, string Message) Ready { get; private set; } = (true, "", "");

    public PluginIdentity Self { get; } = self;

    public JsonElement Configuration { get; } = JsonElement.Parse(configuration);

    public ILoggerFactory Log => Lines;

    public TimeProvider Time => TimeProvider.System;

    public Meter Meter { get; } = new("test");

    public string DataDirectory { get; } = Directory.CreateDirectory(Path.Combine(root, "data")).FullName;

    public string StateDirectory { get; } = Directory.CreateDirectory(Path.Combine(root, "state")).FullName;

    public IApiClient Api => throw new NotSupportedException();

    public IListeners Listeners => throw new NotSupportedException();

    public HostInformation Host { get; } = new()
    {
        NodeName = "node",
        ApiServer = new Uri("https://127.0.0.1:1"),
        Executable = "/bin/false",
        Version = "0.1.0",
        CertificateAuthorityFile = "/ca.crt",
    };

    public void Provide<T>(T implementation)
        where T : class => Provided[typeof(T)] = implementation;

    public ContractHandle<T> Require<T>()
        where T : class => throw new NotSupportedException();

    public CandidateHandle<T> RequireCandidates<T>()
        where T : class => throw new NotSupportedException();

    public void SetReady(bool ready, string reason = "", string message = "") => Ready = (ready, reason, message);

    public void Fatal(string reason) => throw new NotSupportedException();

    public void Dispose() => Meter.Dispose();
}
