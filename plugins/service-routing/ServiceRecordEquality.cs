using Modular.Abstractions;

namespace Modular.Plugins.ServiceRouting;

/// <summary>Says whether two records of a service mean the same, so that receivers don't hear of changes that concern others.</summary>
internal static class ServiceRecordEquality
{
    public static bool Same(ServiceRecord left, ServiceRecord right)
    {
        if (left with { ClusterAddresses = [], ExternalAddresses = [], Ports = [] } != right with { ClusterAddresses = [], ExternalAddresses = [], Ports = [] }
            || !left.ClusterAddresses.SequenceEqual(right.ClusterAddresses)
            || !left.ExternalAddresses.SequenceEqual(right.ExternalAddresses)
            || left.Ports.Count != right.Ports.Count)
        {
            return false;
        }

        for (var i = 0; i < left.Ports.Count; i++)
        {
            if (left.Ports[i] with { Endpoints = [] } != right.Ports[i] with { Endpoints = [] }
                || !left.Ports[i].Endpoints.SequenceEqual(right.Ports[i].Endpoints))
            {
                return false;
            }
        }

        return true;
    }
}
