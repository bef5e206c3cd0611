using System.Text.Json.Nodes;
using Modular.ApiMachinery;

namespace Modular.Plugins.ResourcesKubernetes.Strategies;

/// <summary>Endpoints: the addresses behind a service, in sets that share their ports.</summary>
internal sealed class EndpointsStrategy : IResourceStrategy
{
    private static readonly string[] AddressLists = ["addresses", "notReadyAddresses"];

    private EndpointsStrategy()
    {
    }

    public static EndpointsStrategy Instance { get; } = new();

    public void Validate(StrategyContext context, JsonObject obj, JsonObject? old, FieldErrors errors)
    {
        foreach (var subset in obj.Objects("subsets"))
        {
            var addresses = AddressLists.SelectMany(list => subset.Objects(list)).ToList();
            if (addresses.Count == 0)
            {
                errors.Required(JsonPaths.PathOf(subset), "must specify `addresses` or `notReadyAddresses`");
            }

            foreach (var address in addresses)
            {
                if (address.GetString("ip") is { } ip)
                {
                    IPAddressRules.ValidateEndpoint(address.FieldPath("ip"), ip, context.AllowLoopbackEndpoints, errors);
                }
            }

            ValidatePorts(subset, errors);
        }
    }

    private static void ValidatePorts(JsonObject subset, FieldErrors errors)
    {
        var required = subset.GetArray("ports")?.Count > 1;
        foreach (var port in subset.Objects("ports"))
        {
            var name = port.GetString("name") ?? "";
            if (name.Length > 0)
            {
                errors.InvalidAll(port, "name", name, NameRules.Dns1123Label(name));
            }
            else if (required)
            {
                errors.Required(port.FieldPath("name"));
            }

            if (port.GetInt64("port") is { } number)
            {
                errors.InvalidAll(port, "port", number, NameRules.PortNumber(number));
            }
        }
    }
}
