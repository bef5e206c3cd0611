using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Modular.Models;

namespace Modular.Plugins.Controllers.ServiceEndpoints;

/// <summary>The ports that several endpoints share, in the service's order. Equal if every port is.</summary>
internal sealed class PortSet : IEquatable<PortSet>
{
    private readonly string _text;

    private PortSet(IReadOnlyList<EndpointPort> ports)
    {
        Ports = ports;
        var text = new StringBuilder();
        foreach (var port in ports)
        {
            text.Append(CultureInfo.InvariantCulture, $"{port.Name}/{port.Protocol}/{port.Port}/{port.AppProtocol};");
        }

        _text = text.ToString();
    }

    /// <summary>No port at all: headless services may have none.</summary>
    public static PortSet None { get; } = new([]);

    public IReadOnlyList<EndpointPort> Ports { get; }

    public static PortSet Of(IReadOnlyList<EndpointPort> ports) => ports.Count == 0 ? None : new PortSet(ports);

    /// <summary>The ports of a pod that a service leads to. A port whose name the pod does not know is left out.</summary>
    public static PortSet Of(Service service, Pod pod)
    {
        var ports = new List<EndpointPort>(service.Spec.Ports.Count);
        foreach (var port in service.Spec.Ports)
        {
            if (Number(port, pod) is { } number)
            {
                ports.Add(new EndpointPort { Name = port.Name, Port = number, Protocol = port.Protocol, AppProtocol = port.AppProtocol });
            }
        }

        return Of(ports);
    }

    public JsonArray ToJson()
    {
        var array = new JsonArray();
        foreach (var port in Ports)
        {
            var json = new JsonObject { ["name"] = port.Name, ["port"] = port.Port, ["protocol"] = port.Protocol };
            if (port.AppProtocol.Length > 0)
            {
                json["appProtocol"] = port.AppProtocol;
            }

            array.Add((JsonNode)json);
        }

        return array;
    }

    public bool Equals(PortSet? other) => other is not null && _text == other._text;

    public override bool Equals(object? obj) => Equals(obj as PortSet);

    public override int GetHashCode() => _text.GetHashCode(StringComparison.Ordinal);

    /// <summary>What distinguishes the ports, on one line.</summary>
    public override string ToString() => _text;

    private static int? Number(ServicePort port, Pod pod)
    {
        if (port.TargetPort is "" or "0")
        {
            return port.Port;
        }

        if (int.TryParse(port.TargetPort, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            return number;
        }

        foreach (var container in pod.Spec.Containers)
        {
            if (Find(container) is { } found)
            {
                return found;
            }
        }

        foreach (var container in pod.Spec.InitContainers)
        {
            if (container.RestartPolicy == "Always" && Find(container) is { } found)
            {
                return found;
            }
        }

        return null;

        int? Find(Container container)
        {
            foreach (var candidate in container.Ports)
            {
                if (candidate.Name == port.TargetPort && candidate.Protocol == port.Protocol)
                {
                    return candidate.Port;
                }
            }

            return null;
        }
    }
}
