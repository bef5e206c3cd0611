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

    /// <summary>Facts about the pod as files.</summary>
    public DownwardVolume? DownwardAPI { get; init; }

    /// <summary>Several sources in one directory.</summary>
    public ProjectedVolume? Projected { get; init; }

    /// <summary>Storage that a claim in the pod's namespace stands for.</summary>
    public ClaimVolume? PersistentVolumeClaim { get; init; }
}

/// <summary>Storage that a claim in the pod's namespace stands for.</summary>
public sealed record ClaimVolume
{
    /// <summary>The claim's name.</summary>
    public string ClaimName { get => field ?? ""; init; }
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

/// <summary>Facts about the pod as files.</summary>
public sealed record DownwardVolume
{
    /// <summary>The files.</summary>
    public IReadOnlyList<DownwardFile> Items { get => field ?? []; init; }

    /// <summary>The files' mode; null means 0644.</summary>
    public int? DefaultMode { get; init; }
}

/// <summary>A fact about the pod and the file it becomes; one of the references is set.</summary>
public sealed record DownwardFile
{
    /// <summary>The file, relative to the volume.</summary>
    public string Path { get => field ?? ""; init; }

    /// <summary>A field of the pod.</summary>
    public FieldReference? FieldRef { get; init; }

    /// <summary>A request or limit of a container.</summary>
    public ResourceReference? ResourceFieldRef { get; init; }

    /// <summary>The file's mode; null for the volume's.</summary>
    public int? Mode { get; init; }
}

/// <summary>Several sources in one directory.</summary>
public sealed record ProjectedVolume
{
    /// <summary>The sources; later ones win.</summary>
    public IReadOnlyList<ProjectedSource> Sources { get => field ?? []; init; }

    /// <summary>The files' mode; null means 0644.</summary>
    public int? DefaultMode { get; init; }
}

/// <summary>One source of a projected volume; one of the members is set, or none that this model knows.</summary>
public sealed record ProjectedSource
{
    /// <summary>The entries of a ConfigMap.</summary>
    public ProjectedObject? ConfigMap { get; init; }

    /// <summary>The entries of a Secret.</summary>
    public ProjectedObject? Secret { get; init; }

    /// <summary>Facts about the pod.</summary>
    public DownwardVolume? DownwardAPI { get; init; }

    /// <summary>A token of the pod's service account.</summary>
    public ServiceAccountTokenSource? ServiceAccountToken { get; init; }
}

/// <summary>An object whose entries become files.</summary>
public sealed record ProjectedObject
{
    /// <summary>The object.</summary>
    public string Name { get => field ?? ""; init; }

    /// <summary>Which entries; empty for all.</summary>
    public IReadOnlyList<KeyToPath> Items { get => field ?? []; init; }

    /// <summary>Whether it may be missing.</summary>
    public bool Optional { get; init; }
}

/// <summary>A token of the pod's service account as a file.</summary>
public sealed record ServiceAccountTokenSource
{
    /// <summary>Whom the token is for; empty for the API.</summary>
    public string Audience { get => field ?? ""; init; }

    /// <summary>How long it is good for; null for an hour.</summary>
    public long? ExpirationSeconds { get; init; }

    /// <summary>The file, relative to the volume.</summary>
    public string Path { get => field ?? ""; init; }
}
