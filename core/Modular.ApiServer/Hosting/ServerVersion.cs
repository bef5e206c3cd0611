namespace Modular.ApiServer;

/// <summary>The version clients are told.</summary>
/// <param name="Major">The Kubernetes API's major version; digits.</param>
/// <param name="Minor">The Kubernetes API's minor version; digits.</param>
/// <param name="GitVersion">The whole version, such as <c>v1.36.0+modular.0.1.0</c>.</param>
public sealed record ServerVersion(string Major, string Minor, string GitVersion)
{
    /// <summary>The commit the server was built from; empty if not known.</summary>
    public string GitCommit { get; init; } = "";

    /// <summary>When the server was built, as RFC 3339; empty if not known.</summary>
    public string BuildDate { get; init; } = "";

    /// <summary>The version of a Modular host that speaks the API of Kubernetes 1.36.</summary>
    public static ServerVersion Of(string modularVersion) => new("1", "36", $"v1.36.0+modular.{modularVersion}");
}
