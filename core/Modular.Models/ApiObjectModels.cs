using Modular.ApiMachinery;

namespace Modular.Models;

/// <summary>API objects as read models, each built once per object and shared.</summary>
public static class ApiObjectModels
{
    extension(ApiObject obj)
    {
        /// <summary>The object as a pod.</summary>
        public Pod AsPod() => obj.Read(ModelsContext.Default.Pod);

        /// <summary>The object as a replication controller.</summary>
        public ReplicationController AsReplicationController() => obj.Read(ModelsContext.Default.ReplicationController);

        /// <summary>The object as a node.</summary>
        public Node AsNode() => obj.Read(ModelsContext.Default.Node);

        /// <summary>The object as a namespace.</summary>
        public Namespace AsNamespace() => obj.Read(ModelsContext.Default.Namespace);

        /// <summary>The object as a service.</summary>
        public Service AsService() => obj.Read(ModelsContext.Default.Service);

        /// <summary>The object as endpoints.</summary>
        public Endpoints AsEndpoints() => obj.Read(ModelsContext.Default.Endpoints);

        /// <summary>The object as an endpoint slice.</summary>
        public EndpointSlice AsEndpointSlice() => obj.Read(ModelsContext.Default.EndpointSlice);

        /// <summary>The object as a lease.</summary>
        public Lease AsLease() => obj.Read(ModelsContext.Default.Lease);

        /// <summary>The object as an event.</summary>
        public Event AsEvent() => obj.Read(ModelsContext.Default.Event);
    }
}
