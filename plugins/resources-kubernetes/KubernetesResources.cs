using Modular.Plugins.ResourcesKubernetes.Allocation;
using Modular.Plugins.ResourcesKubernetes.Kinds;
using Modular.Plugins.ResourcesKubernetes.Schemas;
using Modular.Plugins.ResourcesKubernetes.Strategies;

namespace Modular.Plugins.ResourcesKubernetes;

/// <summary>The built-in kinds: the table's resources, each with its schema and the rules of <see cref="BuiltInKinds"/>.</summary>
internal sealed class KubernetesResources : IResourceSource
{
    private readonly IReadOnlyList<ResourceDefinition> _definitions;

    public KubernetesResources(ServiceAllocator services, DisruptionBudgets budgets)
    {
        var schemas = new SchemaTable(Text("types.txt"), Text("overlay.txt"), Text("presence.txt"));
        _definitions = Read(Text("resources.txt"), schemas, BuiltInKinds.All(services), new Subresources(schemas, budgets));
    }

    /// <inheritdoc />
    public ValueTask<IReadOnlyList<ResourceDefinition>> GetResourcesAsync(CancellationToken cancellationToken) => new(_definitions);

    /// <summary>A text of the table, which the assembly carries.</summary>
    internal static string Text(string name)
    {
        using var reader = new StreamReader(Open(name));
        return reader.ReadToEnd();
    }

    /// <summary>A file that the assembly carries.</summary>
    internal static Stream Open(string name) =>
        typeof(KubernetesResources).Assembly.GetManifestResourceStream(name) ?? throw new InvalidOperationException($"the assembly carries no {name}");

    /// <summary>Reads the lines of resources and their subresources; those without rules are left out.</summary>
    internal static IReadOnlyList<ResourceDefinition> Read(
        string resources, SchemaTable schemas, IReadOnlyDictionary<string, KindRules> kinds, Subresources subresources)
    {
        var definitions = new List<ResourceDefinition>();
        var descriptions = new EmbeddedDescriptions();
        var served = false;
        foreach (var (indented, line) in TableLine.Read(resources))
        {
            if (!indented)
            {
                var rules = kinds.GetValueOrDefault(line[1]);
                served = rules is not null;
                if (rules is not null)
                {
                    definitions.Add(Define(line, rules, schemas) with { Descriptions = descriptions });
                }
            }
            else if (served && subresources.Define(definitions[^1], line) is { } subresource)
            {
                var owner = definitions[^1];
                definitions[^1] = owner with { Subresources = [.. owner.Subresources, subresource] };
            }
        }

        return definitions;
    }

    private static ResourceDefinition Define(TableLine line, KindRules rules, SchemaTable schemas)
    {
        var resource = Resource(line[1]);
        var kind = new GroupVersionKind(resource.Group, resource.Version, line.Value("kind")!);
        return new ResourceDefinition
        {
            Resource = resource,
            Kind = kind,
            Singular = line.Value("singular")!,
            Namespaced = line.Has("namespaced"),
            ShortNames = line.Values("short"),
            Categories = line.Values("categories"),
            Verbs = line.Values("verbs"),
            Schema = schemas.OfKind(kind),
            IsNamespaceKind = line[1] == "v1/namespaces",
            NameRule = rules.NameRule,
            SelectableFields = rules.Fields,
            TracksGeneration = rules.TracksGeneration,
            CreatesOnUpdate = rules.CreatesOnUpdate,
            UpdateNeedsRevision = rules.UpdateNeedsRevision,
            StoredAs = rules.StoredAs is { } stored ? Resource(stored) : rules.ShownOf,
            Conversion = rules.Conversion,
            ReturnsDeletedObject = rules.ReturnsDeletedObject,
            Strategy = rules.Strategy,
            Review = rules.Review,
            ActsOn = rules.ActsOn,
            Columns = rules.Table?.Columns ?? [],
            Table = rules.Table,
            OwnTableLayout = true,
        };
    }

    private static GroupVersionResource Resource(string path)
    {
        var slash = path.LastIndexOf('/');
        var version = GroupVersionKind.From(path[..slash], "");
        return new GroupVersionResource(version.Group, version.Version, path[(slash + 1)..]);
    }
}
