namespace Modular.Abstractions;

/// <summary>Decides whether a request may be carried out. Asked in order until one allows or denies; if none does, it is denied.</summary>
[Contract("modular.authorizer", "0.1.0", ContractCardinality.Many)]
public interface IAuthorizer
{
    /// <summary>Judges a request. In process the call completes synchronously.</summary>
    ValueTask<AuthorizationResult> AuthorizeAsync(AuthorizationRequest request, CancellationToken cancellationToken);
}

/// <summary>What somebody wants to do.</summary>
public sealed record AuthorizationRequest
{
    /// <summary>Who.</summary>
    public required UserInfo User { get; init; }

    /// <summary>get, list, watch, create, update, patch, delete, deletecollection; for other paths the lower-case HTTP method.</summary>
    public required string Verb { get; init; }

    /// <summary>The API group; empty for the core group.</summary>
    public string Group { get; init; } = "";

    /// <summary>The API version.</summary>
    public string Version { get; init; } = "";

    /// <summary>The resource; empty if the request is not for one.</summary>
    public string Resource { get; init; } = "";

    /// <summary>The subresource, or empty.</summary>
    public string Subresource { get; init; } = "";

    /// <summary>The namespace; empty for cluster-scoped resources and for all namespaces.</summary>
    public string Namespace { get; init; } = "";

    /// <summary>The object's name; empty where the request has none.</summary>
    public string Name { get; init; } = "";

    /// <summary>The path of a request that is not for a resource; empty otherwise.</summary>
    public string Path { get; init; } = "";
}

/// <summary>What an authorizer thinks.</summary>
public enum AuthorizationDecision
{
    /// <summary>Let others decide.</summary>
    NoOpinion,
    /// <summary>It may.</summary>
    Allow,
    /// <summary>It may not, whatever others think.</summary>
    Deny,
}

/// <summary>A decision and its reason, for the one who was refused.</summary>
public readonly record struct AuthorizationResult(AuthorizationDecision Decision, string Reason = "");
