using System.Diagnostics.Metrics;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Modular.Abstractions;
using Modular.PluginProcess.Contracts;
using Protocol = Modular.PluginProcess.Protocol;

namespace Modular.PluginProcess.Child;

/// <summary>What a plugin gets in a process of its own.</summary>
internal sealed partial class ChildContext(
    Protocol.ProvisionRequest request, ProvidedContracts contracts, ChildLog log, ReadyState ready, Lazy<IApiClient> api) : IPluginContext, IDisposable
{
    public PluginIdentity Self { get; } = ContextMessages.ToIdentity(request.Self);

    public JsonElement Configuration { get; } = ContextMessages.ToConfiguration(request.Configuration);

    public ILoggerFactory Log => log;

    public TimeProvider Time => TimeProvider.System;

    public Meter Meter { get; } = new($"modular.plugin.{request.Self.Name}", request.Self.Version);

    public string DataDirectory => request.DataDirectory;

    public string StateDirectory => request.StateDirectory;

    public IApiClient Api => api.Value;

    public IListeners Listeners => throw new NotSupportedException($"{Self.Id} asks for a listener; sockets are lent to plugins in the host's process only");

    public HostInformation Host { get; } = ContextMessages.ToHost(request.Host);

    public void Provide<T>(T implementation)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(implementation);
        contracts.Add(implementation);
    }

    public ContractHandle<T> Require<T>()
        where T : class => throw NotReachable(typeof(T));

    public CandidateHandle<T> RequireCandidates<T>()
        where T : class => throw NotReachable(typeof(T));

    public void SetReady(bool isReady, string reason = "", string message = "") => ready.Set(isReady, reason, message);

    // The data at risk is this process's: the host starts another, which begins with what is on disk.
    public void Fatal(string reason)
    {
        LogFatal(log.CreateLogger("plugin"), reason);
        ChildProcess.EndAtOnce();
    }

    public void Dispose() => Meter.Dispose();

    private InvalidOperationException NotReachable(Type contract) =>
        new($"{Self.Id} asks for {ContractAdapter.NameOf(contract)}, and contracts of other plugins can't be called from a process of its own");

    [LoggerMessage(LogLevel.Critical, "the process ends: {Reason}")]
    private static partial void LogFatal(ILogger log, string reason);
}
