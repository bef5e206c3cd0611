using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Modular.Abstractions;
using Modular.ApiMachinery;

namespace Modular.Plugins.NodeAgent.Tests;

/// <summary>An API in memory: objects, merges, one informer per scope, and a way to wait for what a test expects.</summary>
internal sealed class MemoryApi : IApiClient
{
    private readonly Lock _lock = new();
    private readonly Dictionary<ResourceName, ApiObject> _objects = [];
    private readonly List<(ResourceScope Scope, Channel<WatchEvent> Events)> _watchers = [];
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _revision;

    /// <summary>Every patch of a pod's status, in order.</summary>
    public ConcurrentQueue<JsonObject> StatusPatches { get; } = new();

    /// <summary>Every deletion.</summary>
    public ConcurrentQueue<(ResourceName Name, DeleteOptions Options)> Deletions { get; } = new();

    public ApiObject Put(GroupVersionResource resource, JsonObject obj)
    {
        var metadata = obj["metadata"]!.AsObject();
        var name = new ResourceName(resource, metadata["namespace"]?.GetValue<string>() ?? "", metadata["name"]!.GetValue<string>());
        lock (_lock)
        {
            var type = _objects.ContainsKey(name) ? WatchEventType.Modified : WatchEventType.Added;
            return Store(name, obj, type);
        }
    }

    public void Remove(ResourceName name)
    {
        lock (_lock)
        {
            if (_objects.Remove(name, out var old))
            {
                Publish(new WatchEvent(WatchEventType.Deleted, old.At(++_revision)), name);
            }
        }
    }

    public ApiObject? Find(ResourceName name)
    {
        lock (_lock)
        {
            return _objects.GetValueOrDefault(name);
        }
    }

    public IReadOnlyList<ApiObject> All(GroupVersionResource resource)
    {
        lock (_lock)
        {
            return [.. _objects.Where(entry => entry.Key.Resource == resource).Select(entry => entry.Value)];
        }
    }

    /// <summary>Waits until a condition holds; it is looked at after every change.</summary>
    public async Task UntilAsync(Func<bool> condition, [CallerArgumentExpression(nameof(condition))] string what = "")
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        while (true)
        {
            Task changed;
            lock (_lock)
            {
                changed = _changed.Task;
            }

            if (condition())
            {
                return;
            }

            // What is not a change of the API, such as a call of the runtime, is looked at from time to time.
            await Task.WhenAny(changed, Task.Delay(10, CancellationToken.None));
            Assert.False(limit.IsCancellationRequested, $"never came true: {what}");
        }
    }

    public ValueTask<ApiObject> GetAsync(ResourceName name, CancellationToken cancellationToken) =>
        ValueTask.FromResult(Find(name) ?? throw NotFound(name));

    public ValueTask<ApiObjectList> ListAsync(ResourceScope scope, CancellationToken cancellationToken) =>
        ValueTask.FromResult(new ApiObjectList(All(scope.Resource), _revision));

    public ValueTask<ApiObject> CreateAsync(GroupVersionResource resource, string ns, JsonObject obj, CancellationToken cancellationToken) =>
        ValueTask.FromResult(Put(resource, obj.DeepClone().AsObject()));

    public ValueTask<ApiObject?> CreateAsync(ResourceName name, string subresource, JsonObject body, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public ValueTask<ApiObject> UpdateAsync(ResourceName name, JsonObject obj, string subresource, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public ValueTask<ApiObject> PatchAsync(ResourceName name, PatchType type, JsonNode patch, string subresource, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            var old = _objects.GetValueOrDefault(name) ?? throw NotFound(name);
            var obj = old.ToJsonObject();
            if (patch["metadata"]?["uid"]?.GetValue<string>() is { } uid && uid != old.Metadata.Uid)
            {
                throw new ApiException(StatusReason.Conflict, "another object has this name");
            }

            Merge(obj, patch.AsObject());
            var stored = Store(name, obj, WatchEventType.Modified);
            if (name.Resource.Resource == "pods")
            {
                StatusPatches.Enqueue(patch.AsObject());
            }

            return ValueTask.FromResult(stored);
        }
    }

    public ValueTask<ApiObject?> DeleteAsync(ResourceName name, DeleteOptions options, CancellationToken cancellationToken)
    {
        Deletions.Enqueue((name, options));
        Remove(name);
        return ValueTask.FromResult<ApiObject?>(null);
    }

    public ValueTask<IInformer> OpenInformerAsync(ResourceScope scope, CancellationToken cancellationToken)
    {
        var events = Channel.CreateUnbounded<WatchEvent>();
        lock (_lock)
        {
            foreach (var (name, obj) in _objects.Where(entry => IsIn(scope, entry.Key)))
            {
                events.Writer.TryWrite(new WatchEvent(WatchEventType.Added, obj));
            }

            var bookmark = new JsonObject { ["apiVersion"] = "v1", ["kind"] = "Pod", ["metadata"] = new JsonObject() };
            events.Writer.TryWrite(new WatchEvent(
                WatchEventType.Bookmark, new ApiObject(new GroupVersionKind("", "v1", "Pod"), ObjectEncoding.Encode(bookmark), _revision)));
            _watchers.Add((scope, events));
        }

        return ValueTask.FromResult<IInformer>(new Informer(events));
    }

    public ValueTask<IReadOnlyList<ApiResource>> GetResourcesAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    private static ApiException NotFound(ResourceName name) => new(StatusReason.NotFound, $"{name.Resource.Resource} \"{name.Name}\" not found");

    private static void Merge(JsonObject target, JsonObject patch)
    {
        foreach (var (key, value) in patch)
        {
            if (value is null)
            {
                target.Remove(key);
            }
            else if (key == "conditions" && target[key] is JsonArray conditions)
            {
                MergeConditions(conditions, value.AsArray());
            }
            else if (value is JsonObject inner && target[key] is JsonObject old)
            {
                Merge(old, inner);
            }
            else
            {
                target[key] = value.DeepClone();
            }
        }
    }

    private static void MergeConditions(JsonArray target, JsonArray patch)
    {
        foreach (var condition in patch)
        {
            var type = condition!["type"]!.GetValue<string>();
            var old = target.FirstOrDefault(entry => entry!["type"]!.GetValue<string>() == type);
            if (old is null)
            {
                target.Add(condition.DeepClone());
            }
            else
            {
                Merge(old.AsObject(), condition.AsObject());
            }
        }
    }

    private ApiObject Store(ResourceName name, JsonObject obj, WatchEventType type)
    {
        var kind = new GroupVersionKind(name.Resource.Group, name.Resource.Version, obj["kind"]!.GetValue<string>());
        var stored = new ApiObject(kind, ObjectEncoding.Encode(obj), ++_revision);
        _objects[name] = stored;
        Publish(new WatchEvent(type, stored), name);
        return stored;
    }

    /// <summary>Of the field selectors, the name's counts.</summary>
    private static bool IsIn(ResourceScope scope, ResourceName name)
    {
        const string byName = "metadata.name=";
        return scope.Resource == name.Resource && (scope.Namespace.Length == 0 || scope.Namespace == name.Namespace)
            && (!scope.FieldSelector.StartsWith(byName, StringComparison.Ordinal) || scope.FieldSelector[byName.Length..] == name.Name);
    }

    private void Publish(WatchEvent change, ResourceName name)
    {
        foreach (var (scope, events) in _watchers)
        {
            if (IsIn(scope, name))
            {
                events.Writer.TryWrite(change);
            }
        }

        var changed = _changed;
        _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        changed.SetResult();
    }

    private sealed class Informer(Channel<WatchEvent> events) : IInformer
    {
        public IAsyncEnumerable<WatchEvent> ReadEventsAsync(CancellationToken cancellationToken) => events.Reader.ReadAllAsync(cancellationToken);

        public ApiObject? Get(string ns, string name) => throw new NotSupportedException();

        public IReadOnlyList<ApiObject> List(string ns = "") => throw new NotSupportedException();

        public ValueTask DisposeAsync()
        {
            events.Writer.TryComplete();
            return ValueTask.CompletedTask;
        }
    }
}
