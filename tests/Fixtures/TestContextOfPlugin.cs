using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Modular.Abstractions;

namespace Modular.Fixtures;

/// <summary>A host, as a plugin sees it, that remembers what the plugin says.</summary>
internal sealed class TestContextOfPlugin(string root, PluginIdentity self, string configuration) : IPluginContext, IDisposable
{
    public ConcurrentDictionary<Type, object> Provided { get; } = new();

    /// <summary>The handles of the contracts that others provide; those on candidates by the type of the handle.</summary>
    public Dictionary<Type, object> Roles { get; } = [];

    public LogLines Lines { get; } = new();

    public (bool Ready, string Reason, string Message) Ready { get; private set; } = (true, "", "");

    public int Renewals { get; private set; }

    public PluginIdentity Self { get; } = self;

    public JsonElement Configuration { get; } = JsonElement.Parse(configuration);

    public ILoggerFactory Log => Lines;

    public TimeProvider Time => TimeProvider.System;

    public Meter Meter { get; } = new("test");

    public string DataDirectory { get; } = Directory.CreateDirectory(Path.Combine(root, "data")).FullName;

    public string StateDirectory { get; } = Directory.CreateDirectory(Path.Combine(root, "state")).FullName;

    public IApiClient Api { get; init; } = new SilentApi();

    public IListeners Listeners { get; init; } = new NoListeners();

    public string CertificateAuthorityFile { get; set; } = "/ca.crt";

    public ClusterNetwork Network { get; init; } = NewNetwork();

    public HostInformation Host => new()
    {
        NodeName = "node",
        ApiServer = new Uri("https://127.0.0.1:1"),
        Executable = "/bin/false",
        Version = "0.1.0",
        CertificateAuthorityFile = CertificateAuthorityFile,
        Network = Network,
    };

    /// <summary>A network with a name server at an address of its own.</summary>
    public static ClusterNetwork NewNetwork() => new() { DnsAddress = $"127.130.{Random.Shared.Next(256)}.{Random.Shared.Next(1, 255)}" };

    public void Provide<T>(T implementation)
        where T : class => Provided[typeof(T)] = implementation;

    public ContractHandle<T> Require<T>()
        where T : class => (ContractHandle<T>)Roles[typeof(T)];

    public CandidateHandle<T> RequireCandidates<T>()
        where T : class => Roles.GetValueOrDefault(typeof(CandidateHandle<T>)) as CandidateHandle<T> ?? new TestCandidates<T>();

    public void SetReady(bool ready, string reason = "", string message = "") => Ready = (ready, reason, message);

    public void Renew() => Renewals++;

    public void Fatal(string reason) => throw new NotSupportedException();

    public void Dispose() => Meter.Dispose();

    private sealed class NoListeners : IListeners
    {
        public ListenerLease Acquire(System.Net.IPEndPoint endpoint, System.Net.Sockets.ProtocolType protocol) => throw new NotSupportedException();
    }
}
