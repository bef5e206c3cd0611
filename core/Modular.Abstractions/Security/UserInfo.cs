namespace Modular.Abstractions;

/// <summary>Who a request comes from.</summary>
public sealed record UserInfo(string Name)
{
    // Stands in front of the users that are made here.
    private static readonly IReadOnlyDictionary<string, IReadOnlyList<string>> NoExtra = new Dictionary<string, IReadOnlyList<string>>();

    /// <summary>Groups, such as <c>system:authenticated</c>.</summary>
    public IReadOnlyList<string> Groups { get; init; } = [];

    /// <summary>A stable identity; empty if there is none.</summary>
    public string Uid { get; init; } = "";

    /// <summary>What else the authenticator knows, by names such as <c>example.org/reason</c>; none are the same but for their case.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Extra { get; init; } = NoExtra;

    /// <summary>The user of a request that nobody vouched for.</summary>
    public static UserInfo Anonymous { get; } = new("system:anonymous") { Groups = ["system:unauthenticated"] };
}
