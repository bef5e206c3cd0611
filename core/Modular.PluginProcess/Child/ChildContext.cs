using System.Diagnostics.Metrics;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Modular.Abstractions;
using Modular.PluginProcess.Contracts;
using Protocol = Modular.PluginProcess.Protocol;

namespace Modular.PluginProcess.Child;

/// <summary>What a plugin gets in a process of its own.</summary>
internal sealed partial class ChildContext(
    Protocol.ProvisionRequest request, ProvidedContracts contracts, HostContracts host, ChildLog log, ReadyState ready, Lazy<IApiClient> api) : IPluginContext, IDisposable
{
    public PluginIdentity Self { get; } = ContextMessages.ToIdentity(request.Self);

    public JsonElement Configuration { get; } = ContextMessages.ToConfiguration(request.Configuration);

    public ILoggerFactory Log => log;

    public TimeProvider Time => TimeProvider.System;

    public Meter Meter { get; } = new($"modular.plugin.{request.Self.Name}", request.Self.Version);

    public string DataDirectory => request.DataDirectory;

    public string StateDirectory => request.StateDirectory;

    public IApiClient Api => api.Value;

    public IListeners Listeners { get; } = new BorrowedListeners(request.Listeners);

    public HostInformation Host { get; } = ContextMessages.ToHost(request.Host);

    public void Provide<T>(T implementation)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(implementation);
        contracts.Add(implementation);
    }

    public ContractHandle<T> Require<T>()
        where T : class => Required<T>().Handle;

    public CandidateHandle<T> RequireCandidates<T>()
        where T : class => ContractAdapter.HasTrials(typeof(T))
        ? Required<T>().Candidates
        : throw new InvalidOperationException($"{Self.Id} asks for candidates of {ContractAdapter.NameOf(typeof(T))}, which has no trials; set HasTrials of its attribute");

    public void SetReady(bool isReady, string reason = "", string message = "") => ready.Set(isReady, reason, message);

    public void Renew() => ready.Renew();

    // The data at risk is this process's: the host starts another, which begins with what is on disk.
    public void Fatal(string reason)
    {
        LogFatal(log.CreateLogger("plugin"), reason);
        ChildProcess.EndAtOnce();
    }

    public void Dispose() => Meter.Dispose();

    private HostContract<T> Required<T>()
        where T : class =>
        host.Find<T>() ?? throw new InvalidOperationException(
            $"{Self.Id} asks for {ContractAdapter.NameOf(typeof(T))}, which its manifest does not require; add a PluginRequires item");

    [LoggerMessage(LogLevel.Critical, "the process ends: {Reason}")]
    private static partial void LogFatal(ILogger log, string reason);
}
