using System.Xml.Linq;

namespace Modular.EndToEnd;

/// <summary><c>modular plugins sdk</c> in folders that hold something already.</summary>
public sealed class SdkTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("modular-e2e-sdk-").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("nuget.config")]
    [InlineData("NuGet.config")]
    [InlineData("NuGet.Config")]
    public async Task The_feed_is_added_to_the_settings_that_NuGet_reads(string file)
    {
        await File.WriteAllTextAsync(Path.Combine(_folder, file), """<configuration><packageSources><add key="own" value="elsewhere" /></packageSources></configuration>""", Token);
        Assert.Equal(0, (await SdkAsync()).Code);
        var settings = Assert.Single(Directory.GetFiles(_folder, "*.config", new EnumerationOptions { MatchCasing = MatchCasing.CaseInsensitive }));
        Assert.Equal(file, Path.GetFileName(settings));
        Assert.Equal(["own", "modular"], XDocument.Load(settings).Descendants("add").Select(source => (string)source.Attribute("key")!));
    }

    [Theory]
    [InlineData("<settings/>", "its root is <settings> and not <configuration>")]
    [InlineData("<configuration>", "is not XML")]
    public async Task Settings_that_NuGet_would_not_read_are_refused_and_nothing_is_changed(string settings, string problem)
    {
        await File.WriteAllTextAsync(Path.Combine(_folder, "nuget.config"), settings, Token);
        var refused = await SdkAsync();
        Assert.Equal(1, refused.Code);
        Assert.Contains(problem, refused.Errors, StringComparison.Ordinal);
        Assert.Equal([Path.Combine(_folder, "nuget.config")], Directory.GetFileSystemEntries(_folder));
    }

    private Task<CommandResult> SdkAsync() =>
        CommandResult.RunAsync(Repository.Modular, ["plugins", "sdk", _folder], "", new Dictionary<string, string>(), Token);
}
