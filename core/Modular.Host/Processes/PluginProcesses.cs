using Modular.Abstractions;
using Modular.Host.Client;
using Modular.Host.Cluster;
using Modular.Kernel.Plugins;
using Modular.PluginLoader;
using Modular.PluginProcess;

namespace Modular.Host.Processes;

/// <summary>Processes of plugins, with this program to run those that are assemblies and a certificate for each.</summary>
internal static class PluginProcesses
{
    public static IPluginLoader Loader(ClusterDirectory directory, CertificateAuthority authority) => new PluginProcessLoader(new PluginProcessOptions
    {
        Executable = Environment.ProcessPath!,
        WriteKubeconfig = (plugin, path) => WriteKubeconfig(plugin, path, directory, authority),
    });

    private static void WriteKubeconfig(PluginIdentity plugin, string path, ClusterDirectory directory, CertificateAuthority authority)
    {
        var user = PluginUser.Of(plugin.Name);
        using var identity = authority.IssueClient(user.Name, user.Groups[0], TimeProvider.System);
        Kubeconfig.For(Kubeconfig.Read(directory.Kubeconfig).Server, authority, identity).Write(path);
    }
}
