namespace Modular.Models;

/// <summary>Says who holds something, and until when.</summary>
public sealed record Lease
{
    /// <summary>Who it is.</summary>
    public Metadata Metadata { get => field ?? Empty.Metadata; init; }

    /// <summary>The claim.</summary>
    public LeaseSpec Spec { get => field ?? new(); init; }
}

/// <summary>A claim.</summary>
public sealed record LeaseSpec
{
    /// <summary>Who holds it; empty if nobody.</summary>
    public string HolderIdentity { get => field ?? ""; init; }

    /// <summary>How long after the last renewal others may take it; 0 if not told.</summary>
    public int LeaseDurationSeconds { get; init; }

    /// <summary>Since when.</summary>
    public DateTimeOffset? AcquireTime { get; init; }

    /// <summary>The last renewal.</summary>
    public DateTimeOffset? RenewTime { get; init; }

    /// <summary>How often the holder changed.</summary>
    public int LeaseTransitions { get; init; }
}
