using System.Text.Json.Nodes;
using Modular.ApiMachinery;

namespace Modular.Plugins.ResourcesKubernetes.Strategies;

/// <summary>CSI drivers: what a driver of volumes needs of the cluster.</summary>
internal sealed class CsiDriverStrategy : IResourceStrategy
{
    private CsiDriverStrategy()
    {
    }

    public static CsiDriverStrategy Instance { get; } = new();

    public void Validate(StrategyContext context, JsonObject obj, JsonObject? old, FieldErrors errors)
    {
        if (obj.GetObject("spec") is not { } spec)
        {
            return;
        }

        var audiences = new HashSet<string>(StringComparer.Ordinal);
        foreach (var request in spec.Objects("tokenRequests"))
        {
            var audience = request.GetString("audience") ?? "";
            if (!audiences.Add(audience))
            {
                errors.Duplicate(request.FieldPath("audience"), audience);
            }

            if (request.GetInt64("expirationSeconds") is < 600 and var seconds)
            {
                errors.Invalid(request.FieldPath("expirationSeconds"), seconds, "may not specify a duration less than 10 minutes");
            }
        }
    }
}
