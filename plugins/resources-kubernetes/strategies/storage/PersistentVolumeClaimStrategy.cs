using System.Text.Json.Nodes;
using Modular.ApiMachinery;

namespace Modular.Plugins.ResourcesKubernetes.Strategies;

/// <summary>Persistent volume claims: once made, only their size grows and the volume is filled in.</summary>
internal sealed class PersistentVolumeClaimStrategy : ObservedStrategy
{
    private PersistentVolumeClaimStrategy()
    {
    }

    public static PersistentVolumeClaimStrategy Instance { get; } = new();

    protected override JsonObject FirstStatus => new() { ["phase"] = "Pending" };

    public override void Default(JsonObject obj)
    {
        // Older clients name the source of the data in the one field, newer in the other.
        if (obj.GetObject("spec") is { } spec && spec["dataSourceRef"] is null && spec["dataSource"] is { } source)
        {
            spec["dataSourceRef"] = source.DeepClone();
        }
    }

    protected override void Validate(JsonObject spec, JsonObject? old, FieldErrors errors)
    {
        if (spec.GetArray("accessModes") is null or { Count: 0 })
        {
            errors.Required("spec.accessModes", "at least 1 access mode is required");
        }

        if (spec.GetObject("resources.requests")?["storage"] is null)
        {
            errors.Required("spec.resources[storage]");
        }

        FieldRules.Name(spec, "storageClassName", NameRules.Dns1123Subdomain, errors);
        if (spec.GetObject("selector") is { } selector)
        {
            _ = LabelSelector.From(selector, "spec.selector", errors);
        }

        if (old is not null && !FieldRules.Same(Fixed(spec, old), Fixed(old, old)))
        {
            errors.Forbidden("spec", "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims");
        }
    }

    // What must not change, with the volume only if there was one before.
    private static JsonObject Fixed(JsonObject spec, JsonObject old)
    {
        var part = spec.DeepClone().AsObject();
        part.RemovePath("resources.requests");
        part.Remove("volumeAttributesClassName");
        if (old.GetString("volumeName") is null or "")
        {
            part.Remove("volumeName");
        }

        if (old.GetString("storageClassName") is null)
        {
            part.Remove("storageClassName");
        }

        return part;
    }
}
