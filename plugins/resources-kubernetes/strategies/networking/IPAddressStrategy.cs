using System.Text.Json.Nodes;
using Modular.ApiMachinery;

namespace Modular.Plugins.ResourcesKubernetes.Strategies;

/// <summary>IP addresses: who has which of the services' addresses.</summary>
internal sealed class IPAddressStrategy : IResourceStrategy
{
    private IPAddressStrategy()
    {
    }

    public static IPAddressStrategy Instance { get; } = new();

    /// <summary>What is wrong with a name: it is an address, as everybody writes it.</summary>
    public static IReadOnlyList<string> NameRule(string name) =>
        System.Net.IPAddress.TryParse(name, out var address) && address.ToString() == name ? [] : ["must be a valid IP address in canonical form, (e.g. 10.9.8.7 or 2001:db8::ffff)"];

    public void Validate(StrategyContext context, JsonObject obj, JsonObject? old, FieldErrors errors)
    {
        if (obj.GetObject("spec.parentRef") is not { } parent)
        {
            return;
        }

        foreach (var field in (ReadOnlySpan<string>)["resource", "name"])
        {
            if (parent.GetString(field) is "")
            {
                errors.Required(parent.FieldPath(field));
            }
        }
    }
}
