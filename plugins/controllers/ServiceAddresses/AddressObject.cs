using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Modular.ApiMachinery;
using Modular.Models;

namespace Modular.Plugins.Controllers.ServiceAddresses;

/// <summary>IPAddress objects as they say which service has an address.</summary>
internal static class AddressObject
{
    private const string ManagedBy = "ipaddress.kubernetes.io/managed-by";
    private const string Family = "ipaddress.kubernetes.io/ip-family";
    private const string Allocator = "ipallocator.k8s.io";
    private const string ServiceResource = "services";

    /// <summary>Whether it was made for a service rather than by a user.</summary>
    public static bool IsOurs(ApiObject address) => address.Metadata.Labels.GetValueOrDefault(ManagedBy) == Allocator;

    /// <summary>The service that it names; null if it names something else.</summary>
    public static ObjectName? ServiceOf(ApiObject address) =>
        address.ToJsonObject().GetObject("spec.parentRef") is { } parent && parent["resource"].AsString() == ServiceResource && parent["group"].AsString() is null or ""
            ? new ObjectName(parent["namespace"].AsString() ?? "", parent["name"].AsString() ?? "")
            : null;

    public static JsonObject Of(string address, ObjectName service) => new()
    {
        ["apiVersion"] = "networking.k8s.io/v1",
        ["kind"] = "IPAddress",
        ["metadata"] = new JsonObject
        {
            ["name"] = address,
            ["labels"] = new JsonObject
            {
                [Family] = IPAddress.Parse(address).AddressFamily == AddressFamily.InterNetworkV6 ? "IPv6" : "IPv4",
                [ManagedBy] = Allocator,
            },
        },
        ["spec"] = new JsonObject
        {
            ["parentRef"] = new JsonObject { ["group"] = "", ["resource"] = ServiceResource, ["namespace"] = service.Namespace, ["name"] = service.Name },
        },
    };

    /// <summary>The virtual addresses of a service.</summary>
    public static IEnumerable<string> Held(ApiObject service)
    {
        var spec = service.AsService().Spec;
        var all = spec.ClusterIPs.Count > 0 ? spec.ClusterIPs : [spec.ClusterIP];
        return all.Where(static address => IPAddress.TryParse(address, out _));
    }
}
