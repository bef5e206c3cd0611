using Modular.Abstractions;
using Modular.ApiMachinery;
using Modular.Models;
using Modular.Toolkit;

namespace Modular.Plugins.Controllers.ServiceEndpoints;

/// <summary>Keeps in endpoint slices who answers for each service that selects pods.</summary>
internal sealed class EndpointSliceController : IController
{
    private const string Manager = "endpointslice-controller.k8s.io";
    private readonly ServicePods _pods = new();
    private readonly SliceWriter _writer;
    private IInformer? _slices;

    public EndpointSliceController(IApiClient api)
    {
        _writer = new SliceWriter(api);
        Sources =
        [
            _pods.ServiceSource,
            _pods.PodSource,
            new ControllerSource(
                new ResourceScope(KubernetesResources.EndpointSlices) { LabelSelector = $"{SliceOwner.ManagerLabel}={Manager}" },
                static slice => slice.Metadata.Labels.TryGetValue(EndpointSlice.ServiceNameLabel, out var service)
                    ? [new ObjectName(slice.Metadata.Namespace, service)]
                    : []),
        ];
    }

    public string Name => "endpoint-slice";

    public IReadOnlyList<ControllerSource> Sources { get; }

    public int Workers => 2;

    public ValueTask StartAsync(IReadOnlyList<IInformer> informers, CancellationToken cancellationToken)
    {
        _pods.Start(informers[0], informers[1]);
        _slices = informers[2];
        return ValueTask.CompletedTask;
    }

    public async ValueTask<TimeSpan?> ReconcileAsync(ObjectName key, CancellationToken cancellationToken)
    {
        // The slices of a service that is gone go with their owner.
        if (_pods.Service(key) is not { } service || !ServicePods.AreWanted(service))
        {
            return null;
        }

        var wanted = SliceGroup.Of(_pods.Backends(service));
        if (wanted.Count == 0)
        {
            wanted[new SliceGroup("IPv4", PortSet.None)] = [];
        }

        var owner = new SliceOwner(service, key.Name, Manager, ServiceLabels.Of(service));
        await _writer.WriteAsync(owner, _slices!.List(key.Namespace), wanted, cancellationToken).ConfigureAwait(false);
        return null;
    }
}
