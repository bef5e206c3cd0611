using System.Text.Json.Nodes;
using Modular.ApiMachinery;
using Modular.Models;

namespace Modular.Plugins.Controllers.ServiceEndpoints;

/// <summary>Somebody who answers for a service, as an endpoint slice says it. Two that say the same are equal.</summary>
/// <param name="Address">The IP address.</param>
/// <param name="Ready">Whether it takes new connections.</param>
internal sealed record Backend(string Address, bool Ready)
{
    /// <summary>Ready but for an end that may have begun; null where nobody knows.</summary>
    public bool? Serving { get; init; }

    /// <summary>Whether its end has begun; null where nobody knows.</summary>
    public bool? Terminating { get; init; }

    /// <summary>A name of its own under the service's; may be empty.</summary>
    public string Hostname { get; init; } = "";

    /// <summary>The node it is on; may be empty.</summary>
    public string NodeName { get; init; } = "";

    /// <summary>What is behind it, usually a pod.</summary>
    public ObjectReference? Target { get; init; }

    /// <summary>What stays the same while an endpoint changes.</summary>
    public (string Address, string Uid) Identity => (Address, Target?.Uid ?? "");

    /// <summary>What kind of address it has, as slices name it.</summary>
    public string AddressType => Address.Contains(':', StringComparison.Ordinal) ? "IPv6" : "IPv4";

    /// <summary>The pod as an endpoint of a service; null while it has no address and after its end.</summary>
    public static Backend? Of(Pod pod, Service service)
    {
        if (pod.Status.PodIP.Length == 0 || pod.Status.IsTerminal)
        {
            return null;
        }

        var terminating = pod.Metadata.DeletionTimestamp is not null;
        var serving = pod.Status.IsReady;
        return new Backend(pod.Status.PodIP, service.Spec.PublishNotReadyAddresses || (serving && !terminating))
        {
            Serving = serving,
            Terminating = terminating,
            Hostname = pod.Spec.Subdomain == service.Metadata.Name ? pod.Spec.Hostname : "",
            NodeName = pod.Spec.NodeName,
            Target = new ObjectReference
            {
                Kind = "Pod",
                Namespace = pod.Metadata.Namespace,
                Name = pod.Metadata.Name,
                Uid = pod.Metadata.Uid,
            },
        };
    }

    /// <summary>An endpoint of a slice.</summary>
    public static Backend Of(Endpoint endpoint) => new(endpoint.Addresses[0], endpoint.Conditions.Ready ?? true)
    {
        Serving = endpoint.Conditions.Serving,
        Terminating = endpoint.Conditions.Terminating,
        Hostname = endpoint.Hostname,
        NodeName = endpoint.NodeName,
        Target = endpoint.TargetRef,
    };

    /// <summary>An address of the older form.</summary>
    public static Backend Of(EndpointAddress address, bool ready) => new(address.Ip, ready)
    {
        Hostname = address.Hostname,
        NodeName = address.NodeName,
        Target = address.TargetRef,
    };

    /// <summary>The endpoint as a slice has it.</summary>
    public JsonObject ToSliceJson()
    {
        var conditions = new JsonObject { ["ready"] = Ready };
        if (Serving is { } serving)
        {
            conditions["serving"] = serving;
        }

        if (Terminating is { } terminating)
        {
            conditions["terminating"] = terminating;
        }

        return WithPlace(new JsonObject { ["addresses"] = new JsonArray(Address), ["conditions"] = conditions });
    }

    /// <summary>The address as the older form has it.</summary>
    public JsonObject ToAddressJson() => WithPlace(new JsonObject { ["ip"] = Address });

    private JsonObject WithPlace(JsonObject endpoint)
    {
        if (Hostname.Length > 0)
        {
            endpoint["hostname"] = Hostname;
        }

        if (NodeName.Length > 0)
        {
            endpoint["nodeName"] = NodeName;
        }

        if (Target is not null)
        {
            var target = new JsonObject();
            Add("apiVersion", Target.ApiVersion);
            Add("kind", Target.Kind);
            Add("namespace", Target.Namespace);
            Add("name", Target.Name);
            Add("uid", Target.Uid);
            Add("fieldPath", Target.FieldPath);
            endpoint["targetRef"] = target;

            void Add(string member, string value)
            {
                if (value.Length > 0)
                {
                    target[member] = value;
                }
            }
        }

        return endpoint;
    }
}
