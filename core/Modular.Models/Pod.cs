namespace Modular.Models;

/// <summary>A pod.</summary>
public sealed record Pod
{
    /// <summary>Who it is.</summary>
    public Metadata Metadata { get => field ?? Empty.Metadata; init; }

    /// <summary>What is wanted.</summary>
    public PodSpec Spec { get => field ?? Empty.PodSpec; init; }

    /// <summary>What is observed.</summary>
    public PodStatus Status { get => field ?? Empty.PodStatus; init; }
}

/// <summary>What a controller makes pods from.</summary>
public sealed record PodTemplate
{
    /// <summary>Labels and annotations of the pods.</summary>
    public Metadata Metadata { get => field ?? Empty.Metadata; init; }

    /// <summary>The pods' spec.</summary>
    public PodSpec Spec { get => field ?? Empty.PodSpec; init; }
}

/// <summary>What absent parts read as.</summary>
internal static class Empty
{
    public static Metadata Metadata { get; } = new();

    public static PodSpec PodSpec { get; } = new();

    public static PodStatus PodStatus { get; } = new();
}
