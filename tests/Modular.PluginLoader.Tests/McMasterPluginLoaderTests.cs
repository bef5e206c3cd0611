using System.Runtime.CompilerServices;
using Modular.Abstractions;
using Modular.Fixtures;

namespace Modular.PluginLoader.Tests;

public sealed class McMasterPluginLoaderTests : IDisposable
{
    private readonly InstalledFixtures _fixtures = new();
    private readonly McMasterPluginLoader _loader = new();

    public void Dispose() => _fixtures.Dispose();

    [Fact]
    public async Task Two_versions_live_side_by_side_and_share_the_contracts()
    {
        _fixtures.Install("scheduler-fixture");
        _fixtures.Install("scheduler-fixture-v2");

        await using var first = _loader.Load(_fixtures.Catalog.Find("scheduler-fixture", "1.0.0"), PluginLimits.None).Create();
        await using var second = _loader.Load(_fixtures.Catalog.Find("scheduler-fixture", "2.0.0"), PluginLimits.None).Create();

        Assert.IsType<IScheduler>(first, exactMatch: false);
        Assert.NotSame(first.GetType(), second.GetType());
        Assert.Contains("/2.0.0/", second.GetType().Assembly.Location, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_with_a_copy_of_a_shared_assembly_is_refused()
    {
        var folder = _fixtures.Install("scheduler-fixture");
        File.Copy(typeof(IPlugin).Assembly.Location, Path.Combine(folder, "Modular.Abstractions.dll"));

        var error = Assert.Throws<PluginLoadException>(() => _loader.Load(_fixtures.Catalog.Find("scheduler-fixture", ""), PluginLimits.None));

        Assert.Equal("SharedAssemblyCopied", error.Reason);
        Assert.Contains(Path.Combine(folder, "Modular.Abstractions.dll"), error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("entryAssembly", "Gone.dll", "AssemblyMissing")]
    [InlineData("entryType", "Modular.Plugins.SchedulerFixture.Gone", "EntryTypeMissing")]
    public void An_entry_that_is_not_there_is_named(string field, string value, string reason)
    {
        _fixtures.Install("scheduler-fixture", m => m[field] = value);

        var error = Assert.Throws<PluginLoadException>(() => _loader.Load(_fixtures.Catalog.Find("scheduler-fixture", ""), PluginLimits.None));

        Assert.Equal(reason, error.Reason);
        Assert.Contains(value, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_assembly_that_is_none_is_refused()
    {
        var folder = _fixtures.Install("scheduler-fixture");
        File.WriteAllText(Path.Combine(folder, "Modular.Plugins.SchedulerFixture.dll"), "no assembly");

        Assert.Equal("LoadFailed", Assert.Throws<PluginLoadException>(() => _loader.Load(_fixtures.Catalog.Find("scheduler-fixture", ""), PluginLimits.None)).Reason);
    }

    [Fact]
    public async Task Code_leaves_the_process_again_and_again()
    {
        _fixtures.Install("scheduler-fixture-unloadable");
        for (var round = 0; round < 10; round++)
        {
            Assert.True(await LoadAndUse().UnloadAsync());
        }
    }

    [Fact]
    public async Task Code_that_something_refers_to_is_reported_as_staying()
    {
        _fixtures.Install("scheduler-fixture-unloadable");
        var code = _loader.Load(_fixtures.Catalog.Find("scheduler-fixture-unloadable", ""), PluginLimits.None);
        await using var plugin = code.Create();

        Assert.False(await code.UnloadAsync());
        GC.KeepAlive(plugin);
    }

    [Fact]
    public async Task Code_that_is_not_unloadable_stays()
    {
        _fixtures.Install("scheduler-fixture");

        Assert.False(await _loader.Load(_fixtures.Catalog.Find("scheduler-fixture", ""), PluginLimits.None).UnloadAsync());
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private ILoadedPlugin LoadAndUse()
    {
        var code = _loader.Load(_fixtures.Catalog.Find("scheduler-fixture-unloadable", ""), PluginLimits.None);
        Assert.IsType<IScheduler>(code.Create(), exactMatch: false);
        return code;
    }
}
