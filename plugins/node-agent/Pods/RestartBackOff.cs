using Modular.Abstractions;
using Modular.Toolkit;

namespace Modular.Plugins.NodeAgent.Pods;

/// <summary>Counts a container's ends and says how long to wait before it is started again.</summary>
internal sealed class RestartBackOff(NodeAgentOptions options)
{
    private readonly Dictionary<string, (string ContainerId, int Ends)> _ends = new(StringComparer.Ordinal);

    /// <summary>
    /// The wait after the end of this run: none after the first, then doubling. A restarted agent takes every earlier attempt for a failure.
    /// </summary>
    public TimeSpan After(ContainerState ended)
    {
        if (!_ends.TryGetValue(ended.Name, out var known))
        {
            known = ("", ended.Attempt);
        }

        if (known.ContainerId != ended.Id)
        {
            var lasted = ended.FinishedAt - ended.StartedAt >= options.BackOffReset;
            known = (ended.Id, lasted ? 1 : known.Ends + 1);
            _ends[ended.Name] = known;
        }

        return known.Ends <= 1 ? TimeSpan.Zero : BackOffDelay.After(options.BackOff, options.LongestBackOff, known.Ends - 2);
    }

    public static bool ShouldRestart(string restartPolicy, ContainerState ended) => restartPolicy switch
    {
        "Never" => false,
        "OnFailure" => ended.ExitCode != 0,
        _ => true,
    };
}
