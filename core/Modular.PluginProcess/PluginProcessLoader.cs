using System.Reflection;
using Modular.Abstractions;
using Modular.PluginLoader;
using Modular.PluginProcess.Contracts;

namespace Modular.PluginProcess;

/// <summary>
/// Runs plugins in processes of their own. To the host such a plugin looks like any other; its contracts are calls to the process.
/// </summary>
public sealed class PluginProcessLoader(PluginProcessOptions options) : IPluginLoader
{
    /// <summary>Whether what provides a contract can run in a process of its own.</summary>
    public static bool Carries(string contract) => ContractAdapter.Find(contract) is not null;

    /// <inheritdoc />
    public ILoadedPlugin Load(InstalledPlugin plugin, PluginLimits limits)
    {
        var manifest = plugin.Manifest;
        if (manifest.Provides.FirstOrDefault(p => !Carries(p.Contract)) is { } local)
        {
            throw Refused($"it provides {local.Contract}, which is in-process only; there is {string.Join(", ", ContractAdapter.Names)}");
        }

        if (manifest.Requires.FirstOrDefault(r => ContractAdapter.Find(r.Contract) is not { IsUsable: true }) is { } required)
        {
            throw Refused($"it requires {required.Contract}, which can't be called from there; there is {string.Join(", ", ContractAdapter.NamesOfUsable)}");
        }

        return new Loaded(plugin, limits, options);

        PluginLoadException Refused(string why) =>
            new("NotIsolatable", $"{manifest.Id} can't run in a process of its own: {why}; set isolation to in-process");
    }

    private sealed class Loaded(InstalledPlugin plugin, PluginLimits limits, PluginProcessOptions options) : ILoadedPlugin
    {
        public IPlugin Create() => new ProcessPlugin(plugin, limits, options);

        public bool Owns(Assembly assembly) => false;

        // Its code was never in this process.
        public ValueTask<bool> UnloadAsync() => ValueTask.FromResult(true);
    }
}
