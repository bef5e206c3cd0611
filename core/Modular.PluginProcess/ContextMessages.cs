using System.Text.Json;
using Modular.Abstractions;
using Protocol = Modular.PluginProcess.Protocol;

namespace Modular.PluginProcess;

/// <summary>What a plugin gets from its host, as messages.</summary>
internal static class ContextMessages
{
    public static Protocol.ProvisionRequest ToRequest(IPluginContext context, string kubeconfig, string listeners, string contracts) => new()
    {
        Self = ToMessage(context.Self),
        Configuration = context.Configuration.GetRawText(),
        DataDirectory = context.DataDirectory,
        StateDirectory = context.StateDirectory,
        Kubeconfig = kubeconfig,
        Listeners = listeners,
        Contracts = contracts,
        Host = new()
        {
            NodeName = context.Host.NodeName,
            ApiServer = context.Host.ApiServer.ToString(),
            Version = context.Host.Version,
            CertificateAuthorityFile = context.Host.CertificateAuthorityFile,
            Network = new()
            {
                Isolated = context.Host.Network.Isolated,
                PodRange = context.Host.Network.PodRange,
                ServiceRange = context.Host.Network.ServiceRange,
                ApiAddress = context.Host.Network.ApiAddress,
                DnsAddress = context.Host.Network.DnsAddress,
                DnsPort = context.Host.Network.DnsPort,
                Domain = context.Host.Network.Domain,
            },
        },
    };

    public static Protocol.Identity ToMessage(PluginIdentity self) => new() { Name = self.Name, Id = self.Id, Version = self.Version, Epoch = self.Epoch };

    public static PluginIdentity ToIdentity(Protocol.Identity self) => new(self.Name, self.Id, self.Version, self.Epoch);

    public static JsonElement ToConfiguration(string json)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.Clone();
    }

    public static HostInformation ToHost(Protocol.Host host) => new()
    {
        NodeName = host.NodeName,
        ApiServer = new Uri(host.ApiServer),
        Executable = Environment.ProcessPath!,
        Version = host.Version,
        CertificateAuthorityFile = host.CertificateAuthorityFile,
        Network = new ClusterNetwork
        {
            Isolated = host.Network.Isolated,
            PodRange = host.Network.PodRange,
            ServiceRange = host.Network.ServiceRange,
            ApiAddress = host.Network.ApiAddress,
            DnsAddress = host.Network.DnsAddress,
            DnsPort = host.Network.DnsPort,
            Domain = host.Network.Domain,
        },
    };
}
