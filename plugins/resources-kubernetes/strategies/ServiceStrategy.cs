using System.Text.Json.Nodes;
using Modular.ApiMachinery;
using Modular.Plugins.ResourcesKubernetes.Allocation;

namespace Modular.Plugins.ResourcesKubernetes.Strategies;

/// <summary>Services: a name and ports for whatever pods a selector finds.</summary>
internal sealed class ServiceStrategy(ServiceAllocator allocator) : IResourceStrategy
{
    public void Default(JsonObject obj)
    {
        foreach (var port in obj.Objects("spec.ports"))
        {
            var target = port["targetPort"];
            if ((target is null || target.AsInt64() is 0 || target.AsString() is "") && port["port"] is { } number)
            {
                port["targetPort"] = number.DeepClone();
            }
        }

        if (obj.GetString("spec.sessionAffinity") == "ClientIP" && obj.GetInt64("spec.sessionAffinityConfig.clientIP.timeoutSeconds") is null)
        {
            obj.Set("spec.sessionAffinityConfig.clientIP.timeoutSeconds", 10800);
        }

        if (obj.GetString("spec.type") is "NodePort" or "LoadBalancer" && obj.GetString("spec.externalTrafficPolicy") is null)
        {
            obj.Set("spec.externalTrafficPolicy", "Cluster");
        }

        // An external name has no traffic of its own to route.
        if (obj.GetString("spec.type") is "ClusterIP" or "NodePort" or "LoadBalancer" && obj.GetString("spec.internalTrafficPolicy") is null)
        {
            obj.Set("spec.internalTrafficPolicy", "Cluster");
        }
    }

    public ValueTask PrepareForCreateAsync(StrategyContext context, JsonObject obj, CancellationToken cancellationToken)
    {
        obj["status"] = new JsonObject { ["loadBalancer"] = new JsonObject() };
        ServiceFamilies.Default(obj.GetOrAddObject("spec"));
        return ValueTask.CompletedTask;
    }

    public ValueTask PrepareForUpdateAsync(
        StrategyContext context, JsonObject obj, JsonObject old, CancellationToken cancellationToken)
    {
        if (context.Subresource != "status" && obj.GetObject("spec") is { } spec && old.GetObject("spec") is { } oldSpec)
        {
            ServiceTransitions.CarryOver(spec, oldSpec);
            ServiceTransitions.Drop(spec, oldSpec);
            ServiceFamilies.Default(spec);
        }

        return ValueTask.CompletedTask;
    }

    public void Validate(StrategyContext context, JsonObject obj, JsonObject? old, FieldErrors errors)
    {
        if (context.Subresource == "status" || obj.GetObject("spec") is not { } spec)
        {
            return;
        }

        ServicePortRules.Validate(spec, errors);
        ServiceFamilies.Validate(spec, errors);
        ValidateAddress(spec, old?.GetObject("spec"), errors);
        foreach (var (key, value) in spec.GetStringMap("selector"))
        {
            errors.InvalidAll("spec.selector", key, NameRules.QualifiedName(key));
            errors.InvalidAll("spec.selector", value, NameRules.LabelValue(value));
        }

        if (spec.GetString("type") == "ExternalName")
        {
            ValidateExternalName(spec, errors);
        }
    }

    public async ValueTask<IReservation?> ReserveAsync(
        StrategyContext context, JsonObject obj, JsonObject? old, FieldErrors errors, CancellationToken cancellationToken) =>
        await allocator.ReserveAsync(obj, old, errors, cancellationToken).ConfigureAwait(false);

    private static void ValidateAddress(JsonObject spec, JsonObject? oldSpec, FieldErrors errors)
    {
        var address = spec.GetString("clusterIP") ?? "";
        if (address.Length > 0 && address != "None" && !IPAddressRules.IsAddress(address))
        {
            errors.Invalid("spec.clusterIP", address, IPAddressRules.NotAnAddress);
        }

        var before = oldSpec?.GetString("clusterIP") ?? "";
        if (before.Length > 0 && before != address && oldSpec?.GetString("type") != "ExternalName" && spec.GetString("type") != "ExternalName")
        {
            errors.Invalid("spec.clusterIP", address, "field is immutable");
        }
    }

    private static void ValidateExternalName(JsonObject spec, FieldErrors errors)
    {
        if ((spec.GetString("clusterIP") ?? "").Length > 0)
        {
            errors.Forbidden("spec.clusterIP", "may not be set for ExternalName services");
        }

        var name = (spec.GetString("externalName") ?? "").TrimEnd('.');
        if (name.Length == 0)
        {
            errors.Required("spec.externalName");
            return;
        }

        errors.InvalidAll("spec.externalName", name, NameRules.Dns1123Subdomain(name));
    }
}
