using System.CommandLine;
using Modular.Host.Plugins;
using Modular.PluginLoader;

namespace Modular.Host.Commands;

/// <summary><c>modular plugins install</c>: puts a plugin where the cluster of this machine finds it.</summary>
internal static class InstallCommand
{
    public static Command Create()
    {
        var source = new Argument<string>("source") { Description = "The plugin's folder, or a zip file of it" };
        var command = new Command("install", "Install a plugin for this cluster; a role takes it when it is named there") { source };
        command.SetAction(result =>
        {
            var directory = ClientOptions.Directory(result);
            directory.Create();
            var installed = new PluginInstallation(directory).Install(result.GetRequiredValue(source));
            Console.WriteLine($"{installed.Manifest.Id} {installed.Manifest.Version.ToNormalizedString()} installed in {installed.Directory}");
            if (installed.Manifest.HostPrivileges is var privileges && privileges != HostPrivileges.None)
            {
                Console.WriteLine($"it asks for host privileges: {privileges}; a role must grant them, such as by --grant of 'modular plugins swap'");
            }

            return 0;
        });
        return command;
    }
}
