using Modular.Abstractions;
using Modular.ApiMachinery;
using Modular.Models;
using Modular.Toolkit;

namespace Modular.Plugins.Controllers.ServiceEndpoints;

/// <summary>Which pods a service selects, and which services a pod belongs to.</summary>
internal sealed class ServicePods
{
    private IInformer? _services;
    private IInformer? _pods;

    public ControllerSource ServiceSource { get; } = new(new ResourceScope(KubernetesResources.Services), static service => [service.Name]);

    public ControllerSource PodSource => new(new ResourceScope(KubernetesResources.Pods), ServicesOf);

    public void Start(IInformer services, IInformer pods) => (_services, _pods) = (services, pods);

    public ApiObject? Service(ObjectName name) => _services!.Get(name.Namespace, name.Name);

    /// <summary>Whether somebody has to find the endpoints of a service: it selects pods and stands for no other name.</summary>
    public static bool AreWanted(ApiObject service)
    {
        var spec = service.AsService().Spec;
        return spec.Selector.Count > 0 && spec.Type != "ExternalName" && service.Metadata.DeletionTimestamp is null;
    }

    /// <summary>The pods of a service that can be reached, with the ports it has there.</summary>
    public IEnumerable<(Backend Backend, PortSet Ports)> Backends(ApiObject service)
    {
        var model = service.AsService();
        foreach (var obj in _pods!.List(service.Metadata.Namespace))
        {
            if (LabelMap.Selects(model.Spec.Selector, obj.Metadata.Labels) && Backend.Of(obj.AsPod(), model) is { } backend)
            {
                yield return (backend, PortSet.Of(model, obj.AsPod()));
            }
        }
    }

    private IEnumerable<ObjectName> ServicesOf(ApiObject pod)
    {
        // Before the start every service is looked at anyway.
        if (_services is null)
        {
            yield break;
        }

        foreach (var service in _services.List(pod.Metadata.Namespace))
        {
            if (LabelMap.Selects(service.AsService().Spec.Selector, pod.Metadata.Labels))
            {
                yield return service.Name;
            }
        }
    }
}
