using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json.Nodes;
using Modular.Abstractions;
using Modular.ApiMachinery;
using Modular.Models;

namespace Modular.Testing;

/// <summary>A small API server in memory: enough of its rules that controllers can be tested against it.</summary>
internal sealed class InMemoryApi(TimeProvider time) : IApiClient
{
    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, Stored> _objects = new(StringComparer.Ordinal);
    private readonly List<InMemoryInformer> _informers = [];
    private readonly Dictionary<GroupVersionResource, ApiResource> _resources = [];
    private long _revision;
    private int _names;

    /// <summary>Called before each request; may throw what the server would answer.</summary>
    public Func<string, GroupVersionResource, string, string, Exception?> Intercept { get; set; } = static (_, _, _, _) => null;

    /// <summary>Each request that changed something, as <c>verb resource/subresource ns/name</c>.</summary>
    public ConcurrentQueue<string> Writes { get; } = new();

    /// <summary>While true, informers neither deliver nor show what happens.</summary>
    public bool HoldInformers
    {
        set
        {
            lock (_gate)
            {
                foreach (var informer in _informers)
                {
                    informer.Hold(value);
                }
            }
        }
    }

    /// <summary>Lets the informers of one resource lag behind those of the others, or catch up.</summary>
    public void HoldInformersOf(GroupVersionResource resource, bool hold)
    {
        lock (_gate)
        {
            foreach (var informer in _informers)
            {
                if (informer.Scope.Resource == resource)
                {
                    informer.Hold(hold);
                }
            }
        }
    }

    public InMemoryApi Serve(GroupVersionResource resource, string kind, bool namespaced)
    {
        _resources[resource] = new ApiResource(resource, new GroupVersionKind(resource.Group, resource.Version, kind), namespaced,
            ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"]);
        return this;
    }

    public static InMemoryApi WithCoreKinds(TimeProvider time) => new InMemoryApi(time)
        .Serve(KubernetesResources.Pods, "Pod", true)
        .Serve(KubernetesResources.ReplicationControllers, "ReplicationController", true)
        .Serve(KubernetesResources.Nodes, "Node", false)
        .Serve(KubernetesResources.Namespaces, "Namespace", false)
        .Serve(KubernetesResources.ConfigMaps, "ConfigMap", true)
        .Serve(KubernetesResources.Services, "Service", true)
        .Serve(KubernetesResources.Endpoints, "Endpoints", true)
        .Serve(KubernetesResources.EndpointSlices, "EndpointSlice", true)
        .Serve(KubernetesResources.ServiceAccounts, "ServiceAccount", true)
        .Serve(KubernetesResources.Events, "Event", true)
        .Serve(KubernetesResources.ServiceCidrs, "ServiceCIDR", false)
        .Serve(KubernetesResources.IPAddresses, "IPAddress", false)
        .Serve(KubernetesResources.Leases, "Lease", true);

    public ValueTask<ApiObject> GetAsync(ResourceName name, CancellationToken cancellationToken)
    {
        Check("get", name.Resource, "", name.Name);
        lock (_gate)
        {
            return ValueTask.FromResult(Find(name).Object);
        }
    }

    public ValueTask<ApiObjectList> ListAsync(ResourceScope scope, CancellationToken cancellationToken)
    {
        Check("list", scope.Resource, "", "");
        lock (_gate)
        {
            return ValueTask.FromResult(new ApiObjectList(Select(scope), _revision));
        }
    }

    public ValueTask<ApiObject> CreateAsync(GroupVersionResource resource, string ns, JsonObject obj, CancellationToken cancellationToken)
    {
        var metadata = obj["metadata"]!.AsObject();
        Check("create", resource, "", (string?)metadata["name"] ?? (string?)metadata["generateName"] ?? "");
        lock (_gate)
        {
            var copy = obj.DeepClone().AsObject();
            metadata = copy["metadata"]!.AsObject();
            if (metadata["name"] is null)
            {
                metadata["name"] = string.Create(CultureInfo.InvariantCulture, $"{metadata["generateName"]}{_names++:x5}");
            }

            if (ns.Length > 0)
            {
                metadata["namespace"] = ns;
            }

            metadata["uid"] = string.Create(CultureInfo.InvariantCulture, $"uid-{_revision + 1}");
            metadata["creationTimestamp"] = time.GetUtcNow().UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
            metadata["generation"] = 1;
            var name = new ResourceName(resource, ns, (string)metadata["name"]!);
            if (_objects.ContainsKey(Key(name)))
            {
                throw new ApiException(StatusReason.AlreadyExists, $"{name.Name} already exists");
            }

            Writes.Enqueue($"create {resource.Resource} {ns}/{name.Name}");
            return ValueTask.FromResult(Put(name, copy, WatchEventType.Added));
        }
    }

    public ValueTask<ApiObject?> CreateAsync(ResourceName name, string subresource, JsonObject body, CancellationToken cancellationToken)
    {
        Check("create", name.Resource, subresource, name.Name);
        lock (_gate)
        {
            var pod = Find(name).Object.ToJsonObject();
            if (subresource != "binding")
            {
                throw new ApiException(StatusReason.MethodNotAllowed, subresource);
            }

            if (body["metadata"]?["uid"] is { } uid && (string?)uid != (string?)pod["metadata"]!["uid"])
            {
                throw new ApiException(StatusReason.Conflict, "another uid");
            }

            if (pod["spec"]!["nodeName"] is not null)
            {
                throw new ApiException(StatusReason.Conflict, $"pod {name.Name} is already assigned to a node");
            }

            pod["spec"]!["nodeName"] = (string)body["target"]!["name"]!;
            MergeConditions(Ensure(pod, "status"), [new JsonObject { ["type"] = "PodScheduled", ["status"] = "True" }]);
            Writes.Enqueue($"create pods/binding {name.Namespace}/{name.Name}");
            Put(name, pod, WatchEventType.Modified);
            return ValueTask.FromResult<ApiObject?>(null);
        }
    }

    public ValueTask<ApiObject> UpdateAsync(ResourceName name, JsonObject obj, string subresource, CancellationToken cancellationToken)
    {
        Check("update", name.Resource, subresource, name.Name);
        lock (_gate)
        {
            var old = Find(name).Object;
            CheckRevision(old, obj);
            Writes.Enqueue($"update {Path(name, subresource)}");
            return ValueTask.FromResult(Change(name, old, obj.DeepClone().AsObject()));
        }
    }

    public ValueTask<ApiObject> PatchAsync(
        ResourceName name, PatchType type, JsonNode patch, string subresource, CancellationToken cancellationToken)
    {
        Check("patch", name.Resource, subresource, name.Name);
        lock (_gate)
        {
            var old = Find(name).Object;
            CheckRevision(old, patch.AsObject());
            var changed = old.ToJsonObject();
            Merge(changed, patch.AsObject(), type == PatchType.Strategic);
            Writes.Enqueue($"patch {Path(name, subresource)}");
            return ValueTask.FromResult(Change(name, old, changed));
        }
    }

    public ValueTask<ApiObject?> DeleteAsync(ResourceName name, DeleteOptions options, CancellationToken cancellationToken)
    {
        Check("delete", name.Resource, "", name.Name);
        lock (_gate)
        {
            var old = Find(name).Object;
            if (options.Uid.Length > 0 && options.Uid != old.Metadata.Uid)
            {
                throw new ApiException(StatusReason.Conflict, "another uid");
            }

            if (options.ResourceVersion.Length > 0 && options.ResourceVersion != old.Revision.ToString(CultureInfo.InvariantCulture))
            {
                throw new ApiException(StatusReason.Conflict, "another version");
            }

            Writes.Enqueue($"delete {Path(name, "")}");
            var obj = old.ToJsonObject();
            var metadata = obj["metadata"]!.AsObject();
            if (options.PropagationPolicy is "Foreground" or "Orphan")
            {
                var finalizers = metadata["finalizers"] as JsonArray ?? [];
                finalizers.Add(options.PropagationPolicy == "Foreground" ? "foregroundDeletion" : "orphan");
                metadata["finalizers"] = finalizers.DeepClone();
            }

            var graceful = name.Resource == KubernetesResources.Pods && obj["spec"]?["nodeName"] is not null && options.GracePeriodSeconds != 0;
            var finalized = metadata["finalizers"] is JsonArray { Count: > 0 } || obj["spec"]?["finalizers"] is JsonArray { Count: > 0 };
            if (!graceful && !finalized)
            {
                Remove(name);
                return ValueTask.FromResult<ApiObject?>(null);
            }

            metadata["deletionTimestamp"] ??= time.GetUtcNow().UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
            if (name.Resource == KubernetesResources.Namespaces)
            {
                Ensure(obj, "status")["phase"] = "Terminating";
            }

            return ValueTask.FromResult<ApiObject?>(Put(name, obj, WatchEventType.Modified));
        }
    }

    public ValueTask<IInformer> OpenInformerAsync(ResourceScope scope, CancellationToken cancellationToken)
    {
        Check("watch", scope.Resource, "", "");
        lock (_gate)
        {
            var informer = new InMemoryInformer(scope, Select(scope));
            _informers.Add(informer);
            return ValueTask.FromResult<IInformer>(informer);
        }
    }

    public ValueTask<IReadOnlyList<ApiResource>> GetResourcesAsync(CancellationToken cancellationToken) =>
        ValueTask.FromResult<IReadOnlyList<ApiResource>>([.. _resources.Values]);

    /// <summary>The object as it is, or null.</summary>
    public ApiObject? Peek(GroupVersionResource resource, string ns, string name)
    {
        lock (_gate)
        {
            return _objects.TryGetValue(Key(new ResourceName(resource, ns, name)), out var stored) ? stored.Object : null;
        }
    }

    /// <summary>All objects of a resource as they are.</summary>
    public List<ApiObject> All(GroupVersionResource resource)
    {
        lock (_gate)
        {
            return Select(new ResourceScope(resource));
        }
    }

    private static string Path(ResourceName name, string subresource) =>
        $"{name.Resource.Resource}{(subresource.Length == 0 ? "" : "/" + subresource)} {name.Namespace}/{name.Name}";

    private static string Key(ResourceName name) => $"{name.Resource.Group}/{name.Resource.Resource}/{name.Namespace}/{name.Name}";

    private static JsonObject Ensure(JsonObject obj, string member)
    {
        if (obj[member] is not JsonObject inner)
        {
            obj[member] = inner = [];
        }

        return inner;
    }

    private static void CheckRevision(ApiObject old, JsonObject change)
    {
        if (change["metadata"]?["resourceVersion"] is { } revision && (string?)revision != old.Revision.ToString(CultureInfo.InvariantCulture))
        {
            throw new ApiException(StatusReason.Conflict, "the object has been modified");
        }
    }

    private static void Merge(JsonObject target, JsonObject patch, bool strategic)
    {
        foreach (var (name, value) in patch)
        {
            switch (value)
            {
                case null:
                    target.Remove(name);
                    break;
                case JsonObject inner:
                    Merge(Ensure(target, name), inner, strategic);
                    break;
                case JsonArray conditions when strategic && name == "conditions":
                    MergeConditions(target, conditions);
                    break;
                default:
                    target[name] = value.DeepClone();
                    break;
            }
        }
    }

    private static void MergeConditions(JsonObject status, JsonArray patch)
    {
        var merged = status["conditions"] as JsonArray ?? [];
        foreach (var condition in patch)
        {
            for (var i = merged.Count - 1; i >= 0; i--)
            {
                if ((string?)merged[i]!["type"] == (string?)condition!["type"])
                {
                    merged.RemoveAt(i);
                }
            }

            if (condition!["$patch"] is null)
            {
                merged.Add(condition.DeepClone());
            }
        }

        status["conditions"] = merged.DeepClone();
    }

    private ApiObject Change(ResourceName name, ApiObject old, JsonObject obj)
    {
        var metadata = obj["metadata"]!.AsObject();
        var before = old.ToJsonObject();
        var changed = !JsonNode.DeepEquals(before["spec"], obj["spec"]);
        metadata["generation"] = old.Metadata.Generation + (changed ? 1 : 0);
        var finalized = metadata["finalizers"] is JsonArray { Count: > 0 } || obj["spec"]?["finalizers"] is JsonArray { Count: > 0 };
        var held = name.Resource == KubernetesResources.Pods && obj["spec"]?["nodeName"] is not null;
        if (metadata["deletionTimestamp"] is not null && !finalized && !held)
        {
            Remove(name);
            return old;
        }

        return Put(name, obj, WatchEventType.Modified);
    }

    private ApiObject Put(ResourceName name, JsonObject obj, WatchEventType type)
    {
        var kind = _resources[name.Resource].Kind;
        obj["apiVersion"] = kind.ApiVersion;
        obj["kind"] = kind.Kind;
        var stored = new ApiObject(kind, ObjectEncoding.Encode(obj), ++_revision);
        _objects[Key(name)] = new Stored(name.Resource, stored);
        Publish(name.Resource, new WatchEvent(type, stored));
        return stored;
    }

    private void Remove(ResourceName name)
    {
        _objects.Remove(Key(name), out var stored);
        Publish(name.Resource, new WatchEvent(WatchEventType.Deleted, stored!.Object.At(++_revision)));
    }

    private void Publish(GroupVersionResource resource, WatchEvent change)
    {
        foreach (var informer in _informers)
        {
            if (informer.Scope.Resource == resource && InScope(informer.Scope, change.Object))
            {
                informer.Publish(change);
            }
        }
    }

    private List<ApiObject> Select(ResourceScope scope)
    {
        var list = new List<ApiObject>();
        foreach (var stored in _objects.Values)
        {
            if (stored.Resource == scope.Resource && InScope(scope, stored.Object))
            {
                list.Add(stored.Object);
            }
        }

        return list;
    }

    private static bool InScope(ResourceScope scope, ApiObject obj) => scope.Namespace.Length == 0 || scope.Namespace == obj.Metadata.Namespace;

    private Stored Find(ResourceName name) => _objects.TryGetValue(Key(name), out var stored)
        ? stored
        : throw new ApiException(StatusReason.NotFound, $"{name.Resource.Resource} \"{name.Name}\" not found");

    private void Check(string verb, GroupVersionResource resource, string subresource, string name)
    {
        if (Intercept(verb, resource, subresource, name) is { } error)
        {
            throw error;
        }
    }

    private sealed record Stored(GroupVersionResource Resource, ApiObject Object);
}
