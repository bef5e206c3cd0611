namespace Modular.Models;

/// <summary>A part of the cluster with names of its own.</summary>
public sealed record Namespace
{
    /// <summary>Who it is.</summary>
    public Metadata Metadata { get => field ?? Empty.Metadata; init; }

    /// <summary>What is wanted.</summary>
    public NamespaceSpec Spec { get => field ?? new(); init; }

    /// <summary>What is observed.</summary>
    public NamespaceStatus Status { get => field ?? new(); init; }
}

/// <summary>What is wanted of a namespace.</summary>
public sealed record NamespaceSpec
{
    /// <summary>Who must agree before the namespace goes away.</summary>
    public IReadOnlyList<string> Finalizers { get => field ?? []; init; }
}

/// <summary>What is observed of a namespace.</summary>
public sealed record NamespaceStatus
{
    /// <summary>Active or Terminating.</summary>
    public string Phase { get => field is null or "" ? "Active" : field; init; }

    /// <summary>What keeps a deletion from ending.</summary>
    public IReadOnlyList<Condition> Conditions { get => field ?? []; init; }
}
