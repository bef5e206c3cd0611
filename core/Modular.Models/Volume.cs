namespace Modular.Models;

/// <summary>Something containers may mount; one of the sources is set, or none that this model knows.</summary>
public sealed record Volume
{
    /// <summary>Unique within the pod.</summary>
    public string Name { get => field ?? ""; init; }

    /// <summary>A directory that lives as long as the pod.</summary>
    public EmptyDirVolume? EmptyDir { get; init; }

    /// <summary>A path of the node.</summary>
    public HostPathVolume? HostPath { get; init; }

    /// <summary>The entries of a ConfigMap as files.</summary>
    public ConfigMapVolume? ConfigMap { get; init; }

    /// <summary>The entries of a Secret as files.</summary>
    public SecretVolume? Secret { get; init; }
}

/// <summary>A directory that lives as long as the pod.</summary>
public sealed record EmptyDirVolume
{
    /// <summary>Memory, or empty for the node's disk.</summary>
    public string Medium { get => field ?? ""; init; }

    /// <summary>A quantity; empty for no limit.</summary>
    public string SizeLimit { get => field ?? ""; init; }
}

/// <summary>A path of the node.</summary>
public sealed record HostPathVolume
{
    /// <summary>The path.</summary>
    public string Path { get => field ?? ""; init; }

    /// <summary>What must be there: DirectoryOrCreate, Directory, FileOrCreate, File, Socket ...; empty for no check.</summary>
    public string Type { get => field ?? ""; init; }
}

/// <summary>The entries of a ConfigMap as files.</summary>
public sealed record ConfigMapVolume
{
    /// <summary>The ConfigMap.</summary>
    public string Name { get => field ?? ""; init; }

    /// <summary>Which entries; empty for all.</summary>
    public IReadOnlyList<KeyToPath> Items { get => field ?? []; init; }

    /// <summary>The files' mode; null means 0644.</summary>
    public int? DefaultMode { get; init; }

    /// <summary>Whether it may be missing.</summary>
    public bool Optional { get; init; }
}

/// <summary>The entries of a Secret as files.</summary>
public sealed record SecretVolume
{
    /// <summary>The Secret.</summary>
    public string SecretName { get => field ?? ""; init; }

    /// <summary>Which entries; empty for all.</summary>
    public IReadOnlyList<KeyToPath> Items { get => field ?? []; init; }

    /// <summary>The files' mode; null means 0644.</summary>
    public int? DefaultMode { get; init; }

    /// <summary>Whether it may be missing.</summary>
    public bool Optional { get; init; }
}

/// <summary>An entry and the file it becomes.</summary>
public sealed record KeyToPath
{
    /// <summary>The entry.</summary>
    public string Key { get => field ?? ""; init; }

    /// <summary>The file, relative to the volume.</summary>
    public string Path { get => field ?? ""; init; }

    /// <summary>The file's mode; null for the volume's.</summary>
    public int? Mode { get; init; }
}
