using System.Text.Json.Nodes;
using Modular.ApiMachinery;

namespace Modular.Plugins.ResourcesKubernetes.Strategies;

/// <summary>Service accounts: everything about them is in their schema but what the secrets they name may be called.</summary>
internal sealed class ServiceAccountStrategy : IResourceStrategy
{
    private ServiceAccountStrategy()
    {
    }

    public static ServiceAccountStrategy Instance { get; } = new();

    public void Validate(StrategyContext context, JsonObject obj, JsonObject? old, FieldErrors errors)
    {
        foreach (var secret in obj.Objects("imagePullSecrets").Concat(obj.Objects("secrets")))
        {
            if (secret.GetString("name") is { Length: > 0 } name)
            {
                errors.InvalidAll(secret, "name", name, NameRules.Dns1123Subdomain(name));
            }
        }
    }
}
