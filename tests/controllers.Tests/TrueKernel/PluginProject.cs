using System.Xml.Linq;
using Modular.Kernel;

namespace Modular.Plugins.Controllers.Tests;

/// <summary>What a plugin's project asks for, so that tests run with the rights that the manifest will have.</summary>
internal static class PluginProject
{
    public static IReadOnlyList<PermissionRule> PermissionsOf(string plugin)
    {
        var project = XDocument.Load(Path.Combine(Root(), "plugins", plugin, $"{plugin}.csproj"));
        return
        [
            .. project.Descendants("PluginPermission").Select(p => new PermissionRule
            {
                ApiGroups = [(string)p.Attribute("ApiGroup")!],
                Resources = ((string)p.Attribute("Include")!).Replace("%2A", "*", StringComparison.Ordinal).Split(';'),
                Verbs = ((string)p.Attribute("Verbs")!).Split(','),
            }),
        ];
    }

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "global.json")))
        {
            folder = folder.Parent ?? throw new InvalidOperationException("the tests run outside the repository");
        }

        return folder.FullName;
    }
}
