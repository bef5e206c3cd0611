namespace Modular.Kernel.Plugins;

/// <summary>Who plugins are to the API.</summary>
public static class PluginUser
{
    /// <summary>The user of the plugin in a role.</summary>
    public static UserInfo Of(string name) => new(ManifestAuthorizer.UserOf(name)) { Groups = ["system:plugins", "system:authenticated"] };
}
