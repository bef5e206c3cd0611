using System.Text.Json.Nodes;
using Modular.ApiMachinery;

namespace Modular.Abstractions;

/// <summary>Changes or refuses writes that are authorized and well-formed. Called in the order of the distribution.</summary>
[Contract("modular.admission", "0.1.0", ContractCardinality.Many)]
public interface IAdmission
{
    /// <summary>Whether the plugin cares; must be fast and free of side effects.</summary>
    bool Handles(GroupVersionResource resource, string subresource, AdmissionOperation operation);

    /// <summary>May change <see cref="AdmissionRequest.Object"/>. Runs before validation.</summary>
    /// <exception cref="ApiException">The write is refused.</exception>
    ValueTask MutateAsync(AdmissionRequest request, CancellationToken cancellationToken) => ValueTask.CompletedTask;

    /// <summary>May only refuse. Runs after validation.</summary>
    /// <exception cref="ApiException">The write is refused.</exception>
    ValueTask ValidateAsync(AdmissionRequest request, CancellationToken cancellationToken) => ValueTask.CompletedTask;
}

/// <summary>What a write does.</summary>
public enum AdmissionOperation
{
    /// <summary>A new object.</summary>
    Create,
    /// <summary>A changed object.</summary>
    Update,
    /// <summary>An object to be deleted.</summary>
    Delete,
    /// <summary>A stream to an object.</summary>
    Connect,
}

/// <summary>A write on its way.</summary>
public sealed record AdmissionRequest
{
    /// <summary>The resource.</summary>
    public required GroupVersionResource Resource { get; init; }

    /// <summary>The kind.</summary>
    public required GroupVersionKind Kind { get; init; }

    /// <summary>The subresource, or empty.</summary>
    public string Subresource { get; init; } = "";

    /// <summary>What the write does.</summary>
    public required AdmissionOperation Operation { get; init; }

    /// <summary>The namespace, or empty.</summary>
    public string Namespace { get; init; } = "";

    /// <summary>The name; empty where it is still to be generated.</summary>
    public string Name { get; init; } = "";

    /// <summary>Who writes.</summary>
    public required UserInfo User { get; init; }

    /// <summary>The new object; null for a delete.</summary>
    public JsonObject? Object { get; init; }

    /// <summary>The object as it is; null for a create.</summary>
    public JsonObject? OldObject { get; init; }

    /// <summary>Whether nothing will be stored.</summary>
    public bool DryRun { get; init; }
}
