using System.Runtime.InteropServices;
using System.Text.Json;

namespace Modular.PluginLoader;

/// <summary>Reads and checks <c>plugin.json</c>.</summary>
public static class PluginManifestReader
{
    public const string FileName = "plugin.json";
    private const int SchemaVersion = 1;

    /// <exception cref="PluginManifestException">The file cannot be read or says something wrong.</exception>
    public static PluginManifest ReadFile(string file)
    {
        byte[] json;
        try
        {
            json = File.ReadAllBytes(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new PluginManifestException(file, "", $"cannot be read: {e.Message}", e);
        }

        return Read(json, file);
    }

    /// <param name="json">The manifest.</param>
    /// <param name="file">What errors call it.</param>
    /// <exception cref="PluginManifestException">The manifest says something wrong.</exception>
    public static PluginManifest Read(ReadOnlyMemory<byte> json, string file)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? Read(new ManifestFields(file, "", document.RootElement))
                : throw new PluginManifestException(file, "", "is no JSON object; publish the plugin again");
        }
        catch (JsonException e)
        {
            throw new PluginManifestException(
                file, "", $"is no JSON (line {e.LineNumber + 1}): publish the plugin again, its build writes this file", e);
        }
    }

    private static PluginManifest Read(ManifestFields fields)
    {
        var schema = fields.Number("schemaVersion");
        if (schema != SchemaVersion)
        {
            throw fields.Error("schemaVersion", $"{schema} is not known to this host, which reads {SchemaVersion}; use a host that fits");
        }

        var command = fields.Texts("command");
        var isProgram = command.Count > 0;
        var manifest = new PluginManifest
        {
            Id = fields.Text("id"),
            DisplayName = fields.Text("displayName"),
            Description = fields.Text("description"),
            Version = fields.Version("version"),
            Provides = fields.Objects("provides", p => new ProvidedContract(p.Text("contract"), p.Range("range"))),
            Requires = fields.Objects(
                "requires", r => new RequiredContract(r.Text("contract"), r.Range("range"), r.Flag("optional"))),
            Features = fields.Texts("features"),
            Permissions = fields.Objects("permissions", ReadRule),
            HostPrivileges = ReadPrivileges(fields),
            EntryAssembly = (isProgram ? fields.TryText("entryAssembly") : fields.Text("entryAssembly")) ?? "",
            EntryType = (isProgram ? fields.TryText("entryType") : fields.Text("entryType")) ?? "",
            Command = command,
            FrameworkReferences = fields.Texts("frameworkReferences"),
            Platforms = fields.Texts("platforms"),
            Isolation = fields.Choice(
                "isolation", PluginIsolation.InProcess, ("in-process", PluginIsolation.InProcess), ("process", PluginIsolation.Process)),
            Unloadable = fields.Flag("unloadable"),
            Exchange = fields.Choice(
                "exchange", PluginExchange.ByContract, ("by-contract", PluginExchange.ByContract), ("beside", PluginExchange.Beside), ("after", PluginExchange.After)),
            Scope = fields.Choice("scope", PluginScope.Server, ("server", PluginScope.Server), ("node", PluginScope.Node)),
            ConfigSchema = fields.Object("configSchema"),
            License = fields.TryText("license") ?? "",
        };
        Check(manifest, fields);
        return manifest;
    }

    private static PluginPermission ReadRule(ManifestFields fields)
    {
        var rule = new PluginPermission(fields.Texts("apiGroups"), fields.Texts("resources"), fields.Texts("verbs"));
        return rule switch
        {
            { ApiGroups.Count: 0 } => throw fields.Error("apiGroups", "is empty; write \"\" for the core group"),
            { Resources.Count: 0 } => throw fields.Error("resources", "is empty; name the resources"),
            { Verbs.Count: 0 } => throw fields.Error("verbs", "is empty; name the verbs"),
            _ => rule,
        };
    }

    private static HostPrivileges ReadPrivileges(ManifestFields fields)
    {
        var privileges = HostPrivileges.None;
        foreach (var name in fields.Texts("hostPrivileges"))
        {
            privileges |= HostPrivileges.TryParse(name, out var privilege)
                ? privilege
                : throw fields.Error("hostPrivileges", $"'{name}' is not known; {HostPrivileges.Hint}");
        }

        return privileges;
    }

    private static void Check(PluginManifest manifest, ManifestFields fields)
    {
        if (!manifest.Id.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-'))
        {
            throw fields.Error("id", $"'{manifest.Id}' has other characters than a-z, 0-9 and '-'; rename the plugin");
        }

        if (Path.GetFileName(manifest.EntryAssembly) != manifest.EntryAssembly)
        {
            throw fields.Error("entryAssembly", $"'{manifest.EntryAssembly}' is a path; write the name of a file beside the manifest");
        }

        if (FirstDouble(manifest.Provides.Select(p => p.Contract)) is { } provided)
        {
            throw fields.Error("provides", $"'{provided}' stands twice; write it once");
        }

        if (FirstDouble(manifest.Requires.Select(r => r.Contract)) is { } required)
        {
            throw fields.Error("requires", $"'{required}' stands twice; write it once");
        }

        if (manifest.Platforms.Count > 0 && !manifest.Platforms.Contains(RuntimeInformation.RuntimeIdentifier))
        {
            throw fields.Error(
                "platforms", $"this host is {RuntimeInformation.RuntimeIdentifier}, the plugin is for {string.Join(", ", manifest.Platforms)}; use a build that fits");
        }

        if (manifest.Command.Count > 0 && (manifest.EntryAssembly.Length > 0 || manifest.EntryType.Length > 0))
        {
            throw fields.Error("command", "stands beside an entryAssembly or entryType; write one of the two");
        }

        if (manifest.Command.Count > 0 && manifest.Isolation != PluginIsolation.Process)
        {
            throw fields.Error("isolation", "is in-process, which a command can't be; write process");
        }
    }

    private static string? FirstDouble(IEnumerable<string> names) =>
        names.GroupBy(n => n, StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1)?.Key;
}
