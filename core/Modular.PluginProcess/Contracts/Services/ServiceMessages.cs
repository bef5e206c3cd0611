using Modular.Abstractions;
using Protocol = Modular.PluginProcess.Protocol;

namespace Modular.PluginProcess.Contracts;

/// <summary>The records of the contracts about services as messages, and back.</summary>
internal static class ServiceMessages
{
    public static Protocol.ServiceDelta ToMessage(ServiceDelta delta)
    {
        var message = new Protocol.ServiceDelta { Base = delta.Base, Revision = delta.Revision };
        message.Services.AddRange(delta.Services.Select(ToMessage));
        message.Removed.AddRange(delta.Removed);
        return message;
    }

    public static ServiceDelta FromMessage(Protocol.ServiceDelta message) => new()
    {
        Base = message.Base,
        Revision = message.Revision,
        Services = [.. message.Services.Select(FromMessage)],
        Removed = [.. message.Removed],
    };

    public static Protocol.ServiceReport ToMessage(ServiceReport report)
    {
        var message = new Protocol.ServiceReport { Revision = report.Revision };
        message.Problems.AddRange(report.Problems.Select(
            problem => new Protocol.ServiceProblem { ServiceUid = problem.ServiceUid, Port = problem.Port, Reason = problem.Reason, Message = problem.Message }));
        return message;
    }

    public static ServiceReport FromMessage(Protocol.ServiceReport message) => new()
    {
        Revision = message.Revision,
        Problems = [.. message.Problems.Select(problem => new ServiceProblem(problem.ServiceUid, problem.Port, problem.Reason, problem.Message))],
    };

    private static Protocol.ServiceRecord ToMessage(ServiceRecord service)
    {
        var message = new Protocol.ServiceRecord
        {
            Uid = service.Uid,
            Namespace = service.Namespace,
            Name = service.Name,
            ExternalName = service.ExternalName,
            ProxyName = service.ProxyName,
            ClientAffinity = (long)service.ClientAffinity.TotalMilliseconds,
        };
        message.ClusterAddresses.AddRange(service.ClusterAddresses);
        message.ExternalAddresses.AddRange(service.ExternalAddresses);
        message.Ports.AddRange(service.Ports.Select(ToMessage));
        return message;
    }

    private static ServiceRecord FromMessage(Protocol.ServiceRecord message) => new()
    {
        Uid = message.Uid,
        Namespace = message.Namespace,
        Name = message.Name,
        ClusterAddresses = [.. message.ClusterAddresses],
        ExternalAddresses = [.. message.ExternalAddresses],
        ExternalName = message.ExternalName,
        ProxyName = message.ProxyName,
        ClientAffinity = TimeSpan.FromMilliseconds(message.ClientAffinity),
        Ports = [.. message.Ports.Select(FromMessage)],
    };

    private static Protocol.ServicePort ToMessage(ServicePortRecord port)
    {
        var message = new Protocol.ServicePort { Name = port.Name, Protocol = port.Protocol, Port = port.Port, NodePort = port.NodePort, AppProtocol = port.AppProtocol };
        foreach (var endpoint in port.Endpoints)
        {
            message.Endpoints.Add(new Protocol.Endpoint
            {
                Address = endpoint.Address,
                Port = endpoint.Port,
                Ready = endpoint.Ready,
                Hostname = endpoint.Hostname,
                NodeName = endpoint.NodeName,
            });
        }

        return message;
    }

    private static ServicePortRecord FromMessage(Protocol.ServicePort message) => new()
    {
        Name = message.Name,
        Protocol = message.Protocol,
        Port = message.Port,
        NodePort = message.NodePort,
        AppProtocol = message.AppProtocol,
        Endpoints =
        [
            .. message.Endpoints.Select(endpoint => new EndpointRecord(endpoint.Address, endpoint.Port)
            {
                Ready = endpoint.Ready,
                Hostname = endpoint.Hostname,
                NodeName = endpoint.NodeName,
            }),
        ],
    };
}
