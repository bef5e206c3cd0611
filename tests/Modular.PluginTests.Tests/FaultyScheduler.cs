using Modular.Abstractions;

namespace Modular.PluginTests.Tests;

/// <summary>A plain scheduler, first fit by name, that breaks one rule.</summary>
internal sealed class FaultyScheduler(SchedulerFault fault) : IScheduler
{
    private readonly Picture _shared = new();

    public ValueTask<ISchedulingSession> OpenAsync(SchedulingSessionOptions options, CancellationToken cancellationToken) =>
        ValueTask.FromResult<ISchedulingSession>(new Session(fault, fault == SchedulerFault.SharesItsPictureAmongSessions ? _shared : new Picture()));

    private sealed class Picture
    {
        public SortedDictionary<string, SchedulingNode> Nodes { get; } = new(StringComparer.Ordinal);

        public List<SchedulingPod> Pods { get; } = [];

        public long Revision { get; set; }
    }

    private sealed class Session(SchedulerFault fault, Picture picture) : ISchedulingSession
    {
        public ValueTask<bool> UpdateAsync(ClusterDelta delta, CancellationToken cancellationToken)
        {
            if (delta.Base != 0 && delta.Base != picture.Revision && fault != SchedulerFault.AcceptsAnyBase)
            {
                return ValueTask.FromResult(false);
            }

            if (delta.Base == 0 && fault != SchedulerFault.SharesItsPictureAmongSessions)
            {
                picture.Nodes.Clear();
                picture.Pods.Clear();
            }

            foreach (var name in delta.RemovedNodes)
            {
                picture.Nodes.Remove(name);
            }

            foreach (var node in delta.Nodes)
            {
                if (fault != SchedulerFault.LosesNodesBeyondAThousand || picture.Nodes.Count < 1000)
                {
                    picture.Nodes[node.Name] = node;
                }
            }

            if (fault != SchedulerFault.KeepsTheRoomOfPodsThatLeft)
            {
                picture.Pods.RemoveAll(pod => delta.RemovedPods.Contains(pod.Uid));
            }

            foreach (var pod in delta.Pods)
            {
                Take(pod, pod.NodeName);
            }

            picture.Revision = delta.Revision;
            return ValueTask.FromResult(true);
        }

        public ValueTask<IReadOnlyList<Placement>> PlaceAsync(IReadOnlyList<SchedulingPod> pods, CancellationToken cancellationToken)
        {
            var placements = pods.Select(Place).ToList();
            if (fault == SchedulerFault.AnswersOutOfOrder)
            {
                placements.Reverse();
            }

            return ValueTask.FromResult<IReadOnlyList<Placement>>(placements);
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;

        private Placement Place(SchedulingPod pod)
        {
            var refused = new Dictionary<string, int>(StringComparer.Ordinal);
            foreach (var node in picture.Nodes.Values)
            {
                if (Refusal(node, pod) is not { } reason)
                {
                    Take(pod, node.Name);
                    return new Placement { PodUid = pod.Uid, NodeName = node.Name };
                }

                refused[reason] = refused.GetValueOrDefault(reason) + 1;
            }

            return new Placement
            {
                PodUid = pod.Uid,
                Refused = fault == SchedulerFault.GivesNoReason ? [] : [.. refused.Select(entry => new RefusedNodes(entry.Key, entry.Value))],
            };
        }

        private string? Refusal(SchedulingNode node, SchedulingPod pod)
        {
            if (node.Unschedulable)
            {
                return "node(s) were unschedulable";
            }

            var taint = node.Taints.FirstOrDefault(taint => taint.Effect is "NoSchedule" or "NoExecute" && !pod.Tolerations.Any(toleration => Bears(toleration, taint)));
            if (taint is not null && fault != SchedulerFault.IgnoresTaints)
            {
                return $"node(s) had untolerated taint {{{taint.Key}: {taint.Value}}}";
            }

            if (pod.NodeSelector.Any(label => node.Labels.GetValueOrDefault(label.Key) != label.Value))
            {
                return "node(s) didn't match Pod's node affinity/selector";
            }

            var here = picture.Pods.Where(other => other.NodeName == node.Name).ToList();
            if (fault != SchedulerFault.IgnoresHostPorts && here.SelectMany(other => other.HostPorts).Any(taken => pod.HostPorts.Any(wanted => Clash(taken, wanted))))
            {
                return "node(s) didn't have free ports for the requested pod ports";
            }

            return Short(pod.Requests.MilliCpu, node.Allocatable.MilliCpu, here.Select(other => other.Requests.MilliCpu)) ? "Insufficient cpu"
                : Short(pod.Requests.Memory, node.Allocatable.Memory, here.Select(other => other.Requests.Memory)) ? "Insufficient memory"
                : pod.Requests.Extended.Any(wanted => Short(
                    wanted.Value, node.Allocatable.Extended.GetValueOrDefault(wanted.Key), here.Select(other => other.Requests.Extended.GetValueOrDefault(wanted.Key)))) ? "Insufficient other"
                : null;
        }

        private bool Short(long wanted, long has, IEnumerable<long> taken)
        {
            var slack = fault == SchedulerFault.Overcommits ? 100 : 0;
            return fault == SchedulerFault.LetsSumsWrapAround
                ? wanted > 0 && unchecked(taken.Aggregate(0L, (sum, one) => sum + one) + wanted) > has
                : wanted > 0 && taken.Aggregate(Int128.Zero, (sum, one) => sum + one) + wanted > has + (has > 0 ? slack : 0);
        }

        private void Take(SchedulingPod pod, string node)
        {
            if (fault != SchedulerFault.AddsWhatItKnowsAgain)
            {
                picture.Pods.RemoveAll(other => other.Uid == pod.Uid);
            }

            picture.Pods.Add(pod with { NodeName = node });
        }

        private static bool Bears(Toleration toleration, Taint taint) =>
            toleration.Effect.Length is 0 || toleration.Effect == taint.Effect
                ? (toleration.Key.Length == 0 || toleration.Key == taint.Key)
                    && (toleration.Operator == "Exists" || (toleration.Key.Length > 0 && toleration.Value == taint.Value))
                : false;

        private static bool Clash(HostPort one, HostPort other) =>
            one.Port == other.Port && one.Protocol == other.Protocol && (IsAny(one.Ip) || IsAny(other.Ip) || one.Ip == other.Ip);

        private static bool IsAny(string address) => address is "" or "0.0.0.0" or "::";
    }
}
