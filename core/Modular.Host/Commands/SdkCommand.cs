using System.CommandLine;
using Modular.Host.Plugins;

namespace Modular.Host.Commands;

/// <summary><c>modular plugins sdk</c>: makes a folder in which plugins can be built.</summary>
internal static class SdkCommand
{
    public static Command Create()
    {
        var folder = new Argument<string>("folder") { Description = "The folder; made if there is none, brought up to date if there is" };
        var command = new Command("sdk", "Set a folder up for building plugins: packages of the contracts, of their tests and of the build") { folder };
        command.SetAction(result =>
        {
            var target = Path.GetFullPath(result.GetRequiredValue(folder));
            var version = PluginSdk.Own.WriteTo(target);
            Console.WriteLine($"{target} has the plugin SDK {version}; a project in it begins with <Project Sdk=\"{PluginSdk.SdkPackage}\">");
            return 0;
        });
        return command;
    }
}
