using System.Text.Json.Nodes;
using Modular.ApiMachinery;

namespace Modular.Plugins.ResourcesKubernetes.Strategies;

/// <summary>Service CIDRs: the ranges that services' addresses are taken from.</summary>
internal sealed class ServiceCidrStrategy : ObservedStrategy
{
    private ServiceCidrStrategy()
    {
    }

    public static ServiceCidrStrategy Instance { get; } = new();

    protected override void Validate(JsonObject spec, JsonObject? old, FieldErrors errors)
    {
        var ranges = spec.GetArray("cidrs");
        if (ranges is null or { Count: 0 })
        {
            errors.Required("spec.cidrs", "at least one CIDR required");
            return;
        }

        for (var i = 0; i < ranges.Count; i++)
        {
            var text = ranges[i].AsString() ?? "";
            if (!System.Net.IPNetwork.TryParse(text, out _))
            {
                errors.Invalid($"spec.cidrs[{i}]", text, "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)");
            }
        }
    }
}
