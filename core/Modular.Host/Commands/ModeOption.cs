using System.CommandLine;
using Modular.Host.Cluster;

namespace Modular.Host.Commands;

/// <summary><c>--mode</c>: how a new cluster runs its containers.</summary>
internal sealed class ModeOption
{
    public ModeOption() => Option.AcceptOnlyFromAmong(Enum.GetNames<ClusterMode>().Select(name => name.ToLowerInvariant()).ToArray());

    public Option<string> Option { get; } = new("--mode")
    {
        Description = "How a new cluster runs containers: isolated, which needs root, or process; isolated where that is possible if not said",
    };

    public ClusterMode? Read(ParseResult result) => result.GetValue(Option) is { } name ? Enum.Parse<ClusterMode>(name, ignoreCase: true) : null;
}
