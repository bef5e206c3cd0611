using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using Modular.Abstractions;
using Modular.ApiMachinery;
using Modular.Models;
using Modular.Plugins.NodeAgent.Containers;
using Modular.Plugins.NodeAgent.Pods;
using Modular.Toolkit;

namespace Modular.Plugins.NodeAgent.Nodes;

/// <summary>Keeps this machine's Node and its Lease in the API.</summary>
internal sealed partial class NodeRegistration(
    IApiClient api, RuntimeView runtime, PodAttachments network, NodeObject node, string name, NodeAgentOptions options, TimeProvider time, ILogger log)
{
    private const string LeaseNamespace = "kube-node-lease";
    private const int LeaseDurationSeconds = 40;
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);
    private readonly DateTimeOffset _started = time.GetUtcNow();

    public Task RunAsync(CancellationToken cancellationToken) => Task.WhenAll(
        RepeatAsync("status", PostStatusAsync, options.StatusInterval, cancellationToken),
        RepeatAsync("lease", RenewLeaseAsync, options.LeaseInterval, cancellationToken));

    private ResourceName Node => new(KubernetesResources.Nodes, "", name);

    // An action answers whether all is said that there is to say.
    private async Task RepeatAsync(string what, Func<CancellationToken, Task<bool>> action, TimeSpan interval, CancellationToken cancellationToken)
    {
        await runtime.Listed.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        while (!cancellationToken.IsCancellationRequested)
        {
            var delay = interval;
            try
            {
                delay = await action(cancellationToken).ConfigureAwait(false) ? interval : RetryDelay;
            }
            catch (ApiException exception)
            {
                LogNotWritten(what, exception.Message);
                delay = RetryDelay;
            }
            catch (OperationCanceledException)
            {
                return;
            }

            await Task.Delay(delay, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<bool> PostStatusAsync(CancellationToken cancellationToken)
    {
        var info = runtime.Info!;
        var address = await network.NodeAddressAsync(cancellationToken).ConfigureAwait(false);
        var status = new JsonObject { ["status"] = node.Status(info, _started, time.GetUtcNow()) };
        try
        {
            await api.PatchAsync(Node, PatchType.Strategic, node.Patch(info, address ?? ""), "", cancellationToken).ConfigureAwait(false);
        }
        catch (ApiException exception) when (exception.Reason == StatusReason.NotFound)
        {
            await api.CreateAsync(KubernetesResources.Nodes, "", node.Create(info, address ?? ""), cancellationToken).ConfigureAwait(false);
            LogRegistered(name);
        }

        await api.PatchAsync(Node, PatchType.Strategic, status, "status", cancellationToken).ConfigureAwait(false);
        return address is not null;
    }

    private async Task<bool> RenewLeaseAsync(CancellationToken cancellationToken)
    {
        var spec = new JsonObject
        {
            ["holderIdentity"] = name,
            ["leaseDurationSeconds"] = LeaseDurationSeconds,
            ["renewTime"] = StatusPatch.MicroTimestamp(time.GetUtcNow()),
        };
        try
        {
            var lease = new ResourceName(KubernetesResources.Leases, LeaseNamespace, name);
            await api.PatchAsync(lease, PatchType.Merge, new JsonObject { ["spec"] = spec.DeepClone() }, "", cancellationToken).ConfigureAwait(false);
        }
        catch (ApiException exception) when (exception.Reason == StatusReason.NotFound)
        {
            var lease = new JsonObject
            {
                ["apiVersion"] = "coordination.k8s.io/v1",
                ["kind"] = "Lease",
                ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = LeaseNamespace },
                ["spec"] = spec,
            };
            await api.CreateAsync(KubernetesResources.Leases, LeaseNamespace, lease, cancellationToken).ConfigureAwait(false);
        }

        return true;
    }

    [LoggerMessage(LogLevel.Information, "registered node {Node}")]
    private partial void LogRegistered(string node);

    [LoggerMessage(LogLevel.Warning, "the node's {What} could not be written: {Error}")]
    private partial void LogNotWritten(string what, string error);
}
