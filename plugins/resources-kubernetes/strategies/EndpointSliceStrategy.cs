using System.Net.Sockets;
using System.Text.Json.Nodes;
using Modular.ApiMachinery;

namespace Modular.Plugins.ResourcesKubernetes.Strategies;

/// <summary>Endpoint slices: some of the endpoints behind a service, all with addresses of one type.</summary>
internal sealed class EndpointSliceStrategy : IResourceStrategy
{
    private const int MostEndpoints = 1000;
    private const int MostAddresses = 100;
    private const int MostPorts = 20000;

    private EndpointSliceStrategy()
    {
    }

    public static EndpointSliceStrategy Instance { get; } = new();

    public void Default(JsonObject obj)
    {
        foreach (var port in obj.Objects("ports"))
        {
            if (port["name"] is null)
            {
                port["name"] = "";
            }

            if (port["protocol"] is null)
            {
                port["protocol"] = "TCP";
            }
        }
    }

    public void Validate(StrategyContext context, JsonObject obj, JsonObject? old, FieldErrors errors)
    {
        var type = obj.GetString("addressType");
        if (old is not null && type != old.GetString("addressType"))
        {
            errors.Invalid("addressType", type ?? "", "field is immutable");
        }

        if (obj.GetArray("endpoints")?.Count > MostEndpoints)
        {
            TooMany("endpoints", obj.GetArray("endpoints")!.Count, MostEndpoints, errors);
        }

        foreach (var endpoint in obj.Objects("endpoints"))
        {
            ValidateAddresses(endpoint, type, context.AllowLoopbackEndpoints, errors);
        }

        ValidatePorts(obj, errors);
    }

    private static void ValidateAddresses(JsonObject endpoint, string? type, bool allowLoopback, FieldErrors errors)
    {
        var path = endpoint.FieldPath("addresses");
        var count = endpoint.GetArray("addresses")?.Count ?? 0;
        if (count == 0)
        {
            errors.Required(path, "must contain at least 1 address");
        }
        else if (count > MostAddresses)
        {
            TooMany(path, count, MostAddresses, errors);
        }

        var index = 0;
        foreach (var address in endpoint.Strings("addresses"))
        {
            ValidateAddress($"{path}[{index++}]", address, type, allowLoopback, errors);
        }
    }

    private static void ValidateAddress(string path, string address, string? type, bool allowLoopback, FieldErrors errors)
    {
        switch (type)
        {
            case "FQDN":
                errors.InvalidAll(path, address, NameRules.Dns1123Subdomain(address));
                break;
            case "IPv4" when IPAddressRules.IsOfFamily(address, AddressFamily.InterNetworkV6):
                errors.Invalid(path, address, "must be an IPv4 address");
                break;
            case "IPv6" when IPAddressRules.IsOfFamily(address, AddressFamily.InterNetwork):
                errors.Invalid(path, address, "must be an IPv6 address");
                break;
            default:
                IPAddressRules.ValidateEndpoint(path, address, allowLoopback, errors);
                break;
        }
    }

    private static void ValidatePorts(JsonObject obj, FieldErrors errors)
    {
        if (obj.GetArray("ports") is { Count: > MostPorts } ports)
        {
            TooMany("ports", ports.Count, MostPorts, errors);
        }

        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var port in obj.Objects("ports"))
        {
            var name = port.GetString("name") ?? "";
            if (name.Length > 0)
            {
                errors.InvalidAll(port, "name", name, NameRules.Dns1123Label(name));
            }

            if (!names.Add(name))
            {
                errors.Duplicate(port.FieldPath("name"), name);
            }

            if (port.GetInt64("port") is { } number)
            {
                errors.InvalidAll(port, "port", number, NameRules.PortNumber(number));
            }
        }
    }

    private static void TooMany(string path, int count, int most, FieldErrors errors) =>
        errors.Invalid(path, count, $"must have at most {most} items");
}
