using Modular.ApiMachinery;

namespace Modular.Plugins.Controllers.Namespaces;

/// <summary>What keeps a namespace from going away.</summary>
internal sealed class NamespaceRemains
{
    private readonly SortedDictionary<string, int> _resources = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, int> _finalizers = new(StringComparer.Ordinal);

    public List<string> Failures { get; } = [];

    public bool WaitsForPods { get; set; }

    public bool Any => _resources.Count > 0;

    public bool AnyFinalizers => _finalizers.Count > 0;

    public void Add(GroupVersionResource resource, ApiObject obj)
    {
        var qualified = $"{resource.Resource}.{resource.Group}";
        _resources[qualified] = _resources.GetValueOrDefault(qualified) + 1;
        foreach (var finalizer in obj.Metadata.Finalizers)
        {
            _finalizers[finalizer] = _finalizers.GetValueOrDefault(finalizer) + 1;
        }
    }

    public string DescribeResources() =>
        $"Some resources are remaining: {string.Join(", ", _resources.Select(r => $"{r.Key} has {r.Value} resource instances"))}";

    public string DescribeFinalizers() =>
        $"Some content in the namespace has finalizers remaining: {string.Join(", ", _finalizers.Select(f => $"{f.Key} in {f.Value} resource instances"))}";
}
