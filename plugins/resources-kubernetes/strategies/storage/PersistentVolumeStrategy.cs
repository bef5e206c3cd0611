using System.Text.Json.Nodes;
using Modular.ApiMachinery;

namespace Modular.Plugins.ResourcesKubernetes.Strategies;

/// <summary>Persistent volumes: what they are made of is fixed.</summary>
internal sealed class PersistentVolumeStrategy : ObservedStrategy
{
    private static readonly string[] NotSources =
    [
        "accessModes", "capacity", "claimRef", "mountOptions", "nodeAffinity", "persistentVolumeReclaimPolicy", "storageClassName", "volumeAttributesClassName", "volumeMode",
    ];

    private PersistentVolumeStrategy()
    {
    }

    public static PersistentVolumeStrategy Instance { get; } = new();

    protected override JsonObject FirstStatus => new() { ["phase"] = "Pending" };

    protected override void Validate(JsonObject spec, JsonObject? old, FieldErrors errors)
    {
        if (spec.GetArray("accessModes") is null or { Count: 0 })
        {
            errors.Required("spec.accessModes");
        }

        if (spec.GetObject("capacity") is null or { Count: 0 })
        {
            errors.Required("spec.capacity");
        }
        else if (spec.GetObject("capacity")!["storage"] is null)
        {
            errors.NotSupported("spec.capacity", spec.GetObject("capacity"), ["storage"]);
        }

        var sources = spec.Select(member => member.Key).Where(name => !NotSources.Contains(name)).ToList();
        if (sources.Count == 0)
        {
            errors.Required("spec", "must specify a volume type");
        }
        else if (sources.Count > 1)
        {
            errors.Forbidden(spec.FieldPath(sources[1]), "may not specify more than 1 volume type");
        }

        FieldRules.Name(spec, "storageClassName", NameRules.Dns1123Subdomain, errors);
        if (old is not null && sources.Exists(source => !FieldRules.Same(spec[source], old[source])))
        {
            errors.Forbidden("spec.persistentvolumesource", "spec.persistentvolumesource is immutable after creation");
        }
    }
}
