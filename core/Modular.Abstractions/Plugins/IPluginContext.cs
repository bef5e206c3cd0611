using System.Diagnostics.Metrics;
using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace Modular.Abstractions;

/// <summary>
/// Everything a plugin gets from its host, and its only way out. Thread-safe. What is acquired through it is owned by it and
/// given back when the plugin stops.
/// </summary>
public interface IPluginContext
{
    /// <summary>Who the plugin is on this host.</summary>
    PluginIdentity Self { get; }

    /// <summary>The plugin's configuration: an object, empty if the distribution gives none.</summary>
    JsonElement Configuration { get; }

    /// <summary>Logs under the plugin's name.</summary>
    ILoggerFactory Log { get; }

    /// <summary>The clock; tests replace it.</summary>
    TimeProvider Time { get; }

    /// <summary>The plugin's meter; closed by the host.</summary>
    Meter Meter { get; }

    /// <summary>A directory of the plugin's own that survives restarts and upgrades.</summary>
    string DataDirectory { get; }

    /// <summary>A directory of the plugin's own for sockets and state that need not survive a reboot. Its path is short enough for Unix sockets.</summary>
    string StateDirectory { get; }

    /// <summary>
    /// The API, with the rights that the manifest asks for and the distribution grants. Calls wait until the API serves, so a plugin
    /// that provides what the API itself needs must not call it before <see cref="IPlugin.StartAsync"/> returned.
    /// </summary>
    IApiClient Api { get; }

    /// <summary>Lends listening sockets, which outlive this build of the plugin.</summary>
    IListeners Listeners { get; }

    /// <summary>Facts about the cluster and this host.</summary>
    HostInformation Host { get; }

    /// <summary>Hands an implementation of a contract to the host; once per <c>provides</c> entry, before provisioning ends.</summary>
    /// <exception cref="InvalidOperationException">The manifest does not promise this contract, or it was provided already.</exception>
    void Provide<T>(T implementation)
        where T : class;

    /// <summary>
    /// A handle on whoever provides a contract; it follows swaps. Must be listed in the manifest's <c>requires</c>.
    /// </summary>
    /// <exception cref="InvalidOperationException">The manifest does not require this contract.</exception>
    ContractHandle<T> Require<T>()
        where T : class;

    /// <summary>
    /// A handle on those that are tried beside the provider of a contract. Must be listed in the manifest's <c>requires</c>.
    /// </summary>
    /// <exception cref="InvalidOperationException">The manifest does not require this contract, or it has no trials.</exception>
    CandidateHandle<T> RequireCandidates<T>()
        where T : class;

    /// <summary>Says whether the plugin can do its work; false shows as condition Ready=False with this reason (CamelCase) and message.</summary>
    void SetReady(bool ready, string reason = "", string message = "");

    /// <summary>
    /// Says that the plugin has forgotten what it was told by those who use its contracts, such as after its process was started again. The
    /// generation of their handles changes, so that sessions are opened again and states are sent whole.
    /// </summary>
    void Renew();

    /// <summary>
    /// Tells the host that the plugin can never work again and data would be at risk if the process went on, such as after a failed
    /// flush of the store. The host logs the reason and ends the process.
    /// </summary>
    void Fatal(string reason);
}

/// <summary>Who a plugin is on a host.</summary>
/// <param name="Name">The name of its Plugin object: the role it has in this distribution, such as <c>scheduler</c>.</param>
/// <param name="Id">The implementation, such as <c>scheduler-binpack</c>.</param>
/// <param name="Version">The semantic version of the implementation.</param>
/// <param name="Epoch">Counts the instances that had this name on this host; a later one outranks an earlier one.</param>
public sealed record PluginIdentity(string Name, string Id, string Version, long Epoch);

/// <summary>Facts about the cluster and the host process that plugins share.</summary>
public sealed record HostInformation
{
    /// <summary>The name of the node this host is, by default the machine's name in lower case.</summary>
    public required string NodeName { get; init; }

    /// <summary>Where the API answers, such as <c>https://127.0.0.1:6443</c>.</summary>
    public required Uri ApiServer { get; init; }

    /// <summary>The host executable, which also starts helper processes by sub-command.</summary>
    public required string Executable { get; init; }

    /// <summary>PEM file of the authority that signs the cluster's certificates; empty if there is none.</summary>
    public string CertificateAuthorityFile { get; init; } = "";

    /// <summary>Version of the host.</summary>
    public required string Version { get; init; }

    /// <summary>Addresses and names that everybody in the cluster agrees on.</summary>
    public ClusterNetwork Network { get; init; } = new();
}
