using Microsoft.Extensions.Logging;
using Modular.Abstractions;
using Modular.Toolkit;

namespace Modular.Plugins.ServiceRouting;

/// <summary>Tells of each problem once: an event on the service, and a line in the log. One caller at a time.</summary>
internal sealed partial class ProblemReporter(ServiceTable table, EventRecorder events, ILogger log)
{
    private HashSet<ServiceProblem> _known = [];

    /// <summary>How many there are now.</summary>
    public int Count => _known.Count;

    /// <summary>Takes in all problems there are.</summary>
    public void Report(IReadOnlyList<ServiceProblem> problems)
    {
        foreach (var problem in problems)
        {
            if (!_known.Contains(problem) && table.Find(problem.ServiceUid) is { } service)
            {
                var what = problem.Port.Length == 0 ? problem.Message : $"{problem.Port}: {problem.Message}";
                events.Warning(service, problem.Reason, what);
                LogProblem(service.Metadata.Namespace, service.Metadata.Name, problem.Reason, what);
            }
        }

        _known = [.. problems];
    }

    [LoggerMessage(LogLevel.Warning, "service {Namespace}/{Name} is not served as a whole: {Reason}, {Message}")]
    private partial void LogProblem(string @namespace, string name, string reason, string message);
}
