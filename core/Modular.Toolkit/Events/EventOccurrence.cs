using Modular.ApiMachinery;

namespace Modular.Toolkit;

/// <summary>Something that happened to an object.</summary>
public sealed record EventOccurrence
{
    /// <summary>The object's apiVersion.</summary>
    public required string ApiVersion { get; init; }

    /// <summary>The object's kind.</summary>
    public required string Kind { get; init; }

    /// <summary>The object's namespace; empty for cluster-scoped ones.</summary>
    public required string Namespace { get; init; }

    /// <summary>The object's name.</summary>
    public required string Name { get; init; }

    /// <summary>The object's uid.</summary>
    public string Uid { get; init; } = "";

    /// <summary>The part of the object, such as <c>spec.containers{web}</c>.</summary>
    public string FieldPath { get; init; } = "";

    /// <summary>Normal or Warning.</summary>
    public string Type { get; init; } = "Normal";

    /// <summary>Why, in CamelCase.</summary>
    public required string Reason { get; init; }

    /// <summary>What happened, in a sentence.</summary>
    public required string Message { get; init; }

    /// <summary>An occurrence about an object.</summary>
    public static EventOccurrence About(ApiObject obj, string type, string reason, string message) => new()
    {
        ApiVersion = obj.Kind.ApiVersion,
        Kind = obj.Kind.Kind,
        Namespace = obj.Metadata.Namespace,
        Name = obj.Metadata.Name,
        Uid = obj.Metadata.Uid,
        Type = type,
        Reason = reason,
        Message = message,
    };
}
