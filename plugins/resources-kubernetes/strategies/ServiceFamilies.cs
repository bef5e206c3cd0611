using System.Net.Sockets;
using System.Text.Json.Nodes;
using Modular.ApiMachinery;

namespace Modular.Plugins.ResourcesKubernetes.Strategies;

/// <summary>The address families of a service, on a cluster whose services have addresses of IPv4 only.</summary>
internal static class ServiceFamilies
{
    private const string Dual = "RequireDualStack";

    /// <summary>Fills the list of addresses and the families from what is there.</summary>
    public static void Default(JsonObject spec)
    {
        if (spec.GetString("type") == "ExternalName")
        {
            return;
        }

        if (spec.GetString("clusterIP") is { Length: > 0 } address && spec.GetArray("clusterIPs") is null or { Count: 0 })
        {
            spec["clusterIPs"] = new JsonArray(address);
        }

        var isFree = IsHeadlessWithoutSelector(spec);
        spec["ipFamilyPolicy"] ??= isFree ? Dual : "SingleStack";
        if (spec.GetArray("ipFamilies") is null or { Count: 0 })
        {
            spec["ipFamilies"] = isFree && spec.GetString("ipFamilyPolicy") != "SingleStack" ? new JsonArray("IPv4", "IPv6") : new JsonArray("IPv4");
        }
    }

    /// <summary>Refuses what only a cluster of both families has, and lists that contradict each other.</summary>
    public static void Validate(JsonObject spec, FieldErrors errors)
    {
        if (spec.GetString("type") == "ExternalName")
        {
            return;
        }

        if (spec.Strings("clusterIPs").FirstOrDefault() is { } first && first != (spec.GetString("clusterIP") ?? ""))
        {
            errors.Invalid("spec.clusterIPs[0]", first, "first value must match `clusterIP`");
        }

        // Nobody gives addresses to such a service; whoever writes its endpoints knows their families.
        if (IsHeadlessWithoutSelector(spec))
        {
            return;
        }

        if (spec.GetString("ipFamilyPolicy") == Dual)
        {
            errors.Invalid("spec.ipFamilyPolicy", Dual, "this cluster is not configured for dual-stack services");
        }

        var index = 0;
        foreach (var family in spec.Strings("ipFamilies"))
        {
            if (family != "IPv4")
            {
                errors.Invalid($"spec.ipFamilies[{index}]", family, "not configured on this cluster");
            }

            index++;
        }

        if (spec.GetString("clusterIP") is { Length: > 0 } address && IPAddressRules.IsOfFamily(address, AddressFamily.InterNetworkV6))
        {
            errors.Invalid("spec.clusterIPs[0]", address, "may not use IPv6 on a cluster which is not configured for it");
        }
    }

    private static bool IsHeadlessWithoutSelector(JsonObject spec) =>
        spec.GetString("clusterIP") == "None" && spec.GetStringMap("selector").Count == 0;
}
