using System.CommandLine;
using Modular.Host.Cluster;
using Modular.Host.Output;
using Modular.Kernel.Plugins;
using Modular.PluginLoader;

namespace Modular.Host.Commands;

/// <summary><c>modular plugins available</c>: what a role could be given to.</summary>
internal static class AvailableCommand
{
    public static Command Create()
    {
        var command = new Command("available", "List the plugins that are installed, whether a role has them or not");
        command.SetAction(result =>
        {
            var directory = ClientOptions.Directory(result);
            var plugins = PluginDirectories.Catalog(directory).List(out var broken);
            TablePrinter.Print(Console.Out, Rows(plugins, directory));
            foreach (var problem in broken)
            {
                Console.Error.WriteLine($"modular: {problem.Message}");
            }

            return broken.Count == 0 ? 0 : 1;
        });
        return command;
    }

    private static List<IReadOnlyList<string>> Rows(IReadOnlyList<InstalledPlugin> plugins, ClusterDirectory directory) =>
    [
        ["PLUGIN", "VERSION", "PROVIDES", "ISOLATION", "PRIVILEGES", "FROM"],
        .. plugins.Select(plugin => (IReadOnlyList<string>)
        [
            plugin.Manifest.Id,
            plugin.Manifest.Version.ToNormalizedString(),
            string.Join(',', plugin.Manifest.Provides.Select(provided => provided.Contract)),
            plugin.Manifest.Isolation == PluginIsolation.Process ? PluginSlot.OwnProcess : PluginSlot.InProcess,
            plugin.Manifest.HostPrivileges is var privileges && privileges == HostPrivileges.None ? "<none>" : string.Join(',', privileges.Names),
            plugin.Directory.StartsWith(directory.InstalledPlugins, StringComparison.Ordinal) ? "installed" : "built in",
        ]),
    ];
}
