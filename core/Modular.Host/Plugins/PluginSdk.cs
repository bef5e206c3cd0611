using System.Text.Json;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using Modular.Host.Commands;

namespace Modular.Host.Plugins;

/// <summary>
/// What plugins are built with outside this program's sources: a NuGet feed of the shared assemblies, the toolkit, the conformance tests and an
/// MSBuild SDK, all of this very build, and the .proto files of the contracts.
/// </summary>
/// <param name="source">Where the packages of this build are.</param>
/// <param name="protos">Where its .proto files are.</param>
internal sealed class PluginSdk(string source, string protos)
{
    internal const string SdkPackage = "Modular.Plugin.Sdk";
    private const string FeedName = "modular";
    private const string FeedFolder = "packages";
    private const string GlobalFile = "global.json";
    // All the spellings that NuGet looks for, the one to write first.
    private static readonly string[] ConfigFiles = ["nuget.config", "NuGet.config", "NuGet.Config"];
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };
    private static readonly JsonDocumentOptions Lenient = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    /// <summary>The SDK that came with this program.</summary>
    public static PluginSdk Own { get; } = new(
        Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "sdk")), Path.Combine(AppContext.BaseDirectory, "protos"));

    /// <summary>Sets a folder up for plugins; done again with another build, what is built there from then on is for that build.</summary>
    /// <returns>The version of the packages.</returns>
    /// <exception cref="CommandException">The folder can't be used, and why; nothing was changed.</exception>
    public string WriteTo(string folder)
    {
        var packages = Directory.Exists(source) ? Directory.GetFiles(source, "*.nupkg") : [];
        var version = packages.Select(VersionOf).OfType<string>().SingleOrDefault()
            ?? throw new CommandException($"{source} holds no packages; build this program again");
        if (File.Exists(folder))
        {
            throw new CommandException($"{folder} is a file; name a folder");
        }

        var configFile = ConfigFiles.Select(name => Path.Combine(folder, name)).FirstOrDefault(File.Exists) ?? Path.Combine(folder, ConfigFiles[0]);
        var config = ReadConfig(configFile);
        var global = ReadGlobal(Path.Combine(folder, GlobalFile));
        global["msbuild-sdks"]!.AsObject()[SdkPackage] = version;

        var feed = Directory.CreateDirectory(Path.Combine(folder, FeedFolder)).FullName;
        foreach (var older in Directory.EnumerateFiles(feed, "Modular.*.nupkg"))
        {
            File.Delete(older);
        }

        foreach (var package in packages)
        {
            File.Copy(package, Path.Combine(feed, Path.GetFileName(package)));
        }

        CopyProtos(Directory.CreateDirectory(Path.Combine(folder, "protos")).FullName);
        File.WriteAllText(configFile, config);
        File.WriteAllText(Path.Combine(folder, GlobalFile), global.ToJsonString(Indented) + "\n");
        return version;
    }

    private static string? VersionOf(string package) =>
        Path.GetFileNameWithoutExtension(package) is var name && name.StartsWith(SdkPackage + ".", StringComparison.Ordinal) ? name[(SdkPackage.Length + 1)..] : null;

    private void CopyProtos(string folder)
    {
        foreach (var file in Directory.EnumerateFiles(protos, "*.proto"))
        {
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)), overwrite: true);
        }
    }

    /// <summary>NuGet's settings with this feed; others stay as they are.</summary>
    private static string ReadConfig(string file)
    {
        XDocument config;
        try
        {
            config = File.Exists(file) ? XDocument.Load(file) : new XDocument(new XElement("configuration"));
        }
        catch (System.Xml.XmlException e)
        {
            throw new CommandException($"{file} is not XML: {e.Message}; correct or remove it");
        }

        var root = config.Root!;
        if (root.Name != "configuration")
        {
            throw new CommandException($"{file} is no configuration of NuGet: its root is <{root.Name}> and not <configuration>; correct or remove it");
        }

        var sources = root.Element("packageSources");
        if (sources is null)
        {
            root.Add(sources = new XElement("packageSources"));
        }

        if (sources.Elements("add").All(source => (string?)source.Attribute("key") != FeedName))
        {
            sources.Add(new XElement("add", new XAttribute("key", FeedName), new XAttribute("value", FeedFolder)));
        }

        return config + "\n";
    }

    /// <summary>The .NET SDK's settings with a place for the version of the MSBuild SDK; others stay as they are.</summary>
    private static JsonObject ReadGlobal(string file)
    {
        try
        {
            var global = File.Exists(file) ? JsonNode.Parse(File.ReadAllText(file), documentOptions: Lenient)!.AsObject() : [];
            global["msbuild-sdks"] ??= new JsonObject();
            _ = global["msbuild-sdks"]!.AsObject();
            return global;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or NullReferenceException)
        {
            throw new CommandException($"{file} is not what the .NET SDK reads: {e.Message}; correct or remove it");
        }
    }
}
