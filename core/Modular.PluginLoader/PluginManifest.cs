using System.Text.Json;
using NuGet.Versioning;

namespace Modular.PluginLoader;

/// <summary>What a plugin says of itself in <c>plugin.json</c>, readable without loading its code.</summary>
public sealed record PluginManifest
{
    public required string Id { get; init; }

    public required string DisplayName { get; init; }

    public required string Description { get; init; }

    public required NuGetVersion Version { get; init; }

    public IReadOnlyList<ProvidedContract> Provides { get; init; } = [];

    public IReadOnlyList<RequiredContract> Requires { get; init; } = [];

    /// <summary>Optional interfaces its contracts implement.</summary>
    public IReadOnlyList<string> Features { get; init; } = [];

    /// <summary>What it wants to do with the API; empty for a plugin that never calls it.</summary>
    public IReadOnlyList<PluginPermission> Permissions { get; init; } = [];

    /// <summary>What it does to its machine. It is refused where its role is not granted this, and a process of its own has no more.</summary>
    public HostPrivileges HostPrivileges { get; init; }

    /// <summary>The assembly with the entry type; empty for a plugin that is a program.</summary>
    public required string EntryAssembly { get; init; }

    public required string EntryType { get; init; }

    /// <summary>
    /// The program and its arguments, for a plugin that is not a .NET assembly and has a process of its own. A program with a slash lies in the
    /// plugin's folder, another is found in PATH.
    /// </summary>
    public IReadOnlyList<string> Command { get; init; } = [];

    public IReadOnlyList<string> FrameworkReferences { get; init; } = [];

    public IReadOnlyList<string> Platforms { get; init; } = [];

    /// <summary>Where it runs unless the distribution or its object says otherwise.</summary>
    public PluginIsolation Isolation { get; init; }

    /// <summary>Whether its code can leave the process; costs the precompiled code.</summary>
    public bool Unloadable { get; init; }

    /// <summary>How it takes over from another.</summary>
    public PluginExchange Exchange { get; init; }

    public PluginScope Scope { get; init; }

    /// <summary>A JSON schema of its configuration, or null.</summary>
    public JsonElement? ConfigSchema { get; init; }

    public string License { get; init; } = "";
}

/// <summary>A contract a plugin implements, and the versions of the contract it fits.</summary>
public sealed record ProvidedContract(string Contract, VersionRange Range);

/// <summary>A contract a plugin calls, and the versions of the contract it fits.</summary>
public sealed record RequiredContract(string Contract, VersionRange Range, bool Optional);

/// <summary>Verbs on resources, as in RBAC; <c>*</c> stands for all.</summary>
public sealed record PluginPermission(
    IReadOnlyList<string> ApiGroups, IReadOnlyList<string> Resources, IReadOnlyList<string> Verbs);

public enum PluginIsolation
{
    InProcess,
    Process,
}

/// <summary>How a plugin takes over from another that fills its role.</summary>
public enum PluginExchange
{
    /// <summary>As is right for most that provide its contracts.</summary>
    ByContract,

    /// <summary>Both may run at once: the old ends when the new runs, and nobody is without.</summary>
    Beside,

    /// <summary>The old ends before the new begins.</summary>
    After,
}

public enum PluginScope
{
    Server,
    Node,
}
