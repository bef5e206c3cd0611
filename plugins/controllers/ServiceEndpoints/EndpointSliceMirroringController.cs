using Modular.Abstractions;
using Modular.ApiMachinery;
using Modular.Models;
using Modular.Toolkit;

namespace Modular.Plugins.Controllers.ServiceEndpoints;

/// <summary>
/// Copies Endpoints that somebody wrote by hand, for a service that selects no pods, into endpoint slices: whoever routes reads only those.
/// </summary>
internal sealed class EndpointSliceMirroringController : IController
{
    private const string Manager = "endpointslicemirroring-controller.k8s.io";
    private const string SkipLabel = "endpointslice.kubernetes.io/skip-mirror";
    private readonly SliceWriter _writer;
    private IInformer? _services;
    private IInformer? _endpoints;
    private IInformer? _slices;

    public EndpointSliceMirroringController(IApiClient api) => _writer = new SliceWriter(api);

    public string Name => "endpoint-slice-mirroring";

    public IReadOnlyList<ControllerSource> Sources { get; } =
    [
        new(new ResourceScope(KubernetesResources.Services), static service => [service.Name]),
        new(new ResourceScope(KubernetesResources.Endpoints), static endpoints => [endpoints.Name]),
        new(new ResourceScope(KubernetesResources.EndpointSlices) { LabelSelector = $"{SliceOwner.ManagerLabel}={Manager}" },
            static slice => slice.Metadata.Labels.TryGetValue(EndpointSlice.ServiceNameLabel, out var service)
                ? [new ObjectName(slice.Metadata.Namespace, service)]
                : []),
    ];

    public ValueTask StartAsync(IReadOnlyList<IInformer> informers, CancellationToken cancellationToken)
    {
        (_services, _endpoints, _slices) = (informers[0], informers[1], informers[2]);
        return ValueTask.CompletedTask;
    }

    public async ValueTask<TimeSpan?> ReconcileAsync(ObjectName key, CancellationToken cancellationToken)
    {
        var slices = _slices!.List(key.Namespace);
        if (_endpoints!.Get(key.Namespace, key.Name) is { } endpoints && IsMirrored(endpoints, _services!.Get(key.Namespace, key.Name)))
        {
            var owner = new SliceOwner(endpoints, key.Name, Manager, endpoints.Metadata.Labels);
            await _writer.WriteAsync(owner, slices, SliceGroup.Of(Backends(endpoints.AsEndpoints())), cancellationToken).ConfigureAwait(false);
            return null;
        }

        foreach (var slice in slices)
        {
            if (slice.Metadata.Labels.GetValueOrDefault(EndpointSlice.ServiceNameLabel) == key.Name && slice.Metadata.DeletionTimestamp is null)
            {
                await _writer.DeleteAsync(slice, cancellationToken).ConfigureAwait(false);
            }
        }

        return null;
    }

    private static bool IsMirrored(ApiObject endpoints, ApiObject? service) =>
        service is not null
        && service.AsService().Spec.Selector.Count == 0
        && endpoints.Metadata.DeletionTimestamp is null
        && endpoints.Metadata.Labels.GetValueOrDefault(SkipLabel) != "true";

    private static IEnumerable<(Backend Backend, PortSet Ports)> Backends(Endpoints endpoints)
    {
        foreach (var subset in endpoints.Subsets)
        {
            var ports = PortSet.Of(subset.Ports);
            foreach (var address in subset.Addresses)
            {
                yield return (Backend.Of(address, ready: true), ports);
            }

            foreach (var address in subset.NotReadyAddresses)
            {
                yield return (Backend.Of(address, ready: false), ports);
            }
        }
    }
}
