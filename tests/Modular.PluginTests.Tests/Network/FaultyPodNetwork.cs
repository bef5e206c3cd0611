using System.Globalization;
using Modular.Abstractions;

namespace Modular.PluginTests.Tests;

/// <summary>A pod network on paper only, for sandboxes that are plain files, that breaks one rule.</summary>
internal sealed class FaultyPodNetwork(PodNetworkFault fault) : IPodNetwork
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, string> _addresses = new(StringComparer.Ordinal);
    private readonly List<(string SandboxId, PodHostPort Port)> _ports = [];
    private int _last = 1;

    public ValueTask<PodNetworkInfo> GetInfoAsync(CancellationToken cancellationToken) =>
        new(new PodNetworkInfo { NodeAddress = "10.244.0.1", PodRange = "10.244.0.0/24" });

    public async ValueTask<PodAttachment> EnsureAttachedAsync(PodAttachmentSpec spec, CancellationToken cancellationToken)
    {
        if (fault != PodNetworkFault.IgnoresCancellation)
        {
            cancellationToken.ThrowIfCancellationRequested();
        }

        if (!spec.NetworkNamespace.StartsWith("/sandbox/", StringComparison.Ordinal) && fault != PodNetworkFault.ConnectsWhatIsNotThere)
        {
            throw new PodNetworkException("SandboxGone", "there is no such namespace");
        }

        var next = _last + 1;
        if (fault == PodNetworkFault.LooksBeforeItsTurn)
        {
            await Task.Delay(1, CancellationToken.None);
        }

        lock (_gate)
        {
            if (_ports.Exists(had => had.SandboxId != spec.SandboxId && spec.HostPorts.Contains(had.Port)) && fault != PodNetworkFault.LeadsAPortToTwo)
            {
                throw new PodNetworkException("HostPortInUse", "another pod has the port");
            }

            if (!_addresses.TryGetValue(spec.SandboxId, out var address) || fault == PodNetworkFault.GivesAnotherAddressWhenAskedAgain)
            {
                _last = fault == PodNetworkFault.LooksBeforeItsTurn ? next : _last + 1;
                address = string.Create(CultureInfo.InvariantCulture, $"10.244.0.{(fault == PodNetworkFault.GivesTheNodesAddress ? 1 : _last)}");
                _addresses[spec.SandboxId] = address;
            }

            _ports.AddRange(spec.HostPorts.Select(port => (spec.SandboxId, port)));
            return new PodAttachment { SandboxId = spec.SandboxId, Addresses = [address] };
        }
    }

    public ValueTask DetachAsync(string sandboxId, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (!_addresses.ContainsKey(sandboxId) && fault == PodNetworkFault.FailsForWhoNeverWas)
            {
                throw new PodNetworkException("SandboxGone", "there is no such sandbox");
            }

            if (fault != PodNetworkFault.DoesNotLetGo)
            {
                _addresses.Remove(sandboxId);
            }

            _ports.RemoveAll(had => had.SandboxId == sandboxId && fault != PodNetworkFault.KeepsPortsOfThoseWhoLeft);
            return ValueTask.CompletedTask;
        }
    }

    public ValueTask<IReadOnlyList<PodAttachment>> ListAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            return new(fault == PodNetworkFault.ListsNothing ? [] : [.. _addresses.Select(entry => new PodAttachment { SandboxId = entry.Key, Addresses = [entry.Value] })]);
        }
    }
}
