using Modular.Fixtures;

namespace Modular.PluginLoader.Tests;

public sealed class PluginCatalogTests : IDisposable
{
    private readonly InstalledFixtures _fixtures = new();

    public void Dispose() => _fixtures.Dispose();

    [Fact]
    public void Versions_are_listed_newest_first_and_the_newest_is_the_default()
    {
        _fixtures.Install("scheduler-fixture");
        _fixtures.Install("scheduler-fixture-v2");
        _fixtures.Install("scheduler-fixture", m => m["version"] = "10.0.0");

        var versions = _fixtures.Catalog.List(out var broken).Select(p => p.Manifest.Version.ToString());

        Assert.Equal(["10.0.0", "2.0.0", "1.0.0"], versions);
        Assert.Empty(broken);
        Assert.Equal("10.0.0", _fixtures.Catalog.Find("scheduler-fixture", "").Manifest.Version.ToString());
        Assert.Equal("1.0.0", _fixtures.Catalog.Find("scheduler-fixture", "1.0.0").Manifest.Version.ToString());
    }

    [Fact]
    public void A_broken_manifest_is_reported_and_hides_no_other()
    {
        _fixtures.Install("scheduler-fixture");
        File.WriteAllText(Path.Combine(_fixtures.Install("consumer-fixture"), "plugin.json"), "{");

        var found = _fixtures.Catalog.List(out var broken);

        Assert.Equal("scheduler-fixture", Assert.Single(found).Manifest.Id);
        Assert.Contains("consumer-fixture", Assert.Single(broken).File, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_plugin_and_a_missing_version_say_what_to_do()
    {
        _fixtures.Install("scheduler-fixture");

        Assert.Contains("is not installed under", Assert.Throws<PluginLoadException>(() => _fixtures.Catalog.Find("nobody", "")).Message, StringComparison.Ordinal);
        Assert.Contains("there is 1.0.0", Assert.Throws<PluginLoadException>(() => _fixtures.Catalog.Find("scheduler-fixture", "3.0.0")).Message, StringComparison.Ordinal);
        Assert.Throws<PluginLoadException>(() => _fixtures.Catalog.Find("../plugins", ""));
    }

    [Fact]
    public void A_folder_that_is_named_otherwise_than_its_plugin_is_refused()
    {
        var folder = _fixtures.Install("scheduler-fixture");
        Directory.Move(folder, Path.Combine(Path.GetDirectoryName(folder)!, "9.0.0"));

        Assert.Equal("version", Assert.Throws<PluginManifestException>(() => _fixtures.Catalog.Find("scheduler-fixture", "")).Field);
    }
}
