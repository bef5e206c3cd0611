using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.Loader;
using Modular.Abstractions;
using Loader = McMaster.NETCore.Plugins.PluginLoader;

namespace Modular.PluginLoader;

/// <summary>A load context with a plugin's code.</summary>
internal sealed class McMasterLoadedPlugin(Loader loader, Type entryType, bool unloadable) : ILoadedPlugin
{
    // A collectible context dies within three collections once nothing refers to it; more rounds only serve work that ends a little later.
    private const int UnloadRounds = 10;

    private Loader? _loader = loader;
    private Type? _entryType = entryType;

    public IPlugin Create()
    {
        var type = _entryType ?? throw new ObjectDisposedException(nameof(ILoadedPlugin));
        try
        {
            return (IPlugin)Activator.CreateInstance(type)!;
        }
        catch (Exception e) when (e is TargetInvocationException or MissingMethodException)
        {
            var cause = e.InnerException ?? e;
            throw new PluginLoadException("ConstructorFailed", $"{type} cannot be constructed: {cause.Message}", cause);
        }
    }

    public bool Owns(Assembly assembly) =>
        _entryType is { } type && AssemblyLoadContext.GetLoadContext(assembly) is { } context && context == AssemblyLoadContext.GetLoadContext(type.Assembly);

    public async ValueTask<bool> UnloadAsync()
    {
        if (!unloadable || _loader is null)
        {
            return false;
        }

        var context = Release();
        for (var round = 0; round < UnloadRounds && context.IsAlive; round++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            await Task.Yield();
        }

        return !context.IsAlive;
    }

    // Apart, so that no local of the caller's frame keeps the context alive.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private WeakReference Release()
    {
        var context = new WeakReference(AssemblyLoadContext.GetLoadContext(_entryType!.Assembly));
        _loader!.Dispose();
        _loader = null;
        _entryType = null;
        return context;
    }
}
