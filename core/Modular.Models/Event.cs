namespace Modular.Models;

/// <summary>Something that happened to an object.</summary>
public sealed record Event
{
    /// <summary>Who it is.</summary>
    public Metadata Metadata { get => field ?? Empty.Metadata; init; }

    /// <summary>What it is about.</summary>
    public ObjectReference InvolvedObject { get => field ?? new(); init; }

    /// <summary>Why, in CamelCase.</summary>
    public string Reason { get => field ?? ""; init; }

    /// <summary>What happened, in a sentence.</summary>
    public string Message { get => field ?? ""; init; }

    /// <summary>Normal or Warning.</summary>
    public string Type { get => field ?? ""; init; }

    /// <summary>Who reports it.</summary>
    public EventSource Source { get => field ?? new(); init; }

    /// <summary>How often it happened.</summary>
    public int Count { get; init; }

    /// <summary>When it happened first.</summary>
    public DateTimeOffset? FirstTimestamp { get; init; }

    /// <summary>When it happened last.</summary>
    public DateTimeOffset? LastTimestamp { get; init; }

    /// <summary>When it happened, for events that are not counted.</summary>
    public DateTimeOffset? EventTime { get; init; }
}

/// <summary>Who reports an event.</summary>
public sealed record EventSource
{
    /// <summary>The part of the cluster.</summary>
    public string Component { get => field ?? ""; init; }

    /// <summary>The node.</summary>
    public string Host { get => field ?? ""; init; }
}
