namespace Modular.Abstractions;

/// <summary>Who a request comes from.</summary>
public sealed record UserInfo(string Name)
{
    /// <summary>Groups, such as <c>system:authenticated</c>.</summary>
    public IReadOnlyList<string> Groups { get; init; } = [];

    /// <summary>A stable identity; empty if there is none.</summary>
    public string Uid { get; init; } = "";

    /// <summary>The user of a request that nobody vouched for.</summary>
    public static UserInfo Anonymous { get; } = new("system:anonymous") { Groups = ["system:unauthenticated"] };
}
