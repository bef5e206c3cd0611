using Modular.Abstractions;
using Modular.ApiMachinery;
using Modular.Models;
using Modular.Toolkit;

namespace Modular.Plugins.Controllers.BuiltInObjects;

/// <summary>Makes the objects that each cluster has, again if somebody deletes one. What somebody changes in them stays.</summary>
internal sealed class BuiltInObjectController(IApiClient api) : IController
{
    private static readonly IReadOnlyList<BuiltInObject> All = [.. SystemPriorities.All, .. FlowControlLevels.All, .. FlowControlSchemas.All];
    private static readonly IReadOnlyList<GroupVersionResource> Kinds = [.. All.Select(static o => o.Resource).Distinct()];
    private readonly Dictionary<ObjectName, BuiltInObject> _objects = All.ToDictionary(static o => KeyOf(o.Resource, o.Name));
    private readonly Dictionary<GroupVersionResource, IInformer> _present = [];

    public string Name => "built-in-object";

    public IReadOnlyList<ControllerSource> Sources { get; } =
    [
        // Where there is nothing yet, the namespace is what wakes the controller.
        new(new ResourceScope(KubernetesResources.Namespaces) { FieldSelector = "metadata.name=default" }, static _ => All.Select(static o => KeyOf(o.Resource, o.Name))),
        .. Kinds.Select(static kind => new ControllerSource(new ResourceScope(kind), obj => [KeyOf(kind, obj.Metadata.Name)])),
    ];

    public ValueTask StartAsync(IReadOnlyList<IInformer> informers, CancellationToken cancellationToken)
    {
        for (var i = 0; i < Kinds.Count; i++)
        {
            _present[Kinds[i]] = informers[i + 1];
        }

        return ValueTask.CompletedTask;
    }

    public async ValueTask<TimeSpan?> ReconcileAsync(ObjectName key, CancellationToken cancellationToken)
    {
        if (_objects.GetValueOrDefault(key) is not { } wanted || _present[wanted.Resource].Get("", wanted.Name) is not null)
        {
            return null;
        }

        await api.CreateIfAbsentAsync(wanted.Resource, "", wanted.Content.DeepClone().AsObject(), cancellationToken).ConfigureAwait(false);

        return null;
    }

    // None of the kinds has namespaces, so that the kind may stand in its place.
    private static ObjectName KeyOf(GroupVersionResource resource, string name) => new(resource.Resource, name);
}
