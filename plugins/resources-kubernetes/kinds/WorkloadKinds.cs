using Modular.Plugins.ResourcesKubernetes.Columns;
using Modular.Plugins.ResourcesKubernetes.Conversions;
using Modular.Plugins.ResourcesKubernetes.Strategies;

namespace Modular.Plugins.ResourcesKubernetes.Kinds;

/// <summary>The kinds that keep pods running, or let them end.</summary>
internal static class WorkloadKinds
{
    public static Dictionary<string, KindRules> All() => new(StringComparer.Ordinal)
    {
        ["apps/v1/deployments"] = new()
        {
            Strategy = DeploymentStrategy.Instance,
            Table = AppsTables.Deployment,
        },
        ["apps/v1/replicasets"] = new()
        {
            Strategy = ReplicaSetStrategy.Instance,
            Table = AppsTables.ReplicaSet,
            Fields = [new("status.replicas", "0")],
        },
        ["apps/v1/statefulsets"] = new()
        {
            Strategy = StatefulSetStrategy.Instance,
            Table = AppsTables.StatefulSet,
        },
        ["apps/v1/daemonsets"] = new()
        {
            Strategy = DaemonSetStrategy.Instance,
            Table = AppsTables.DaemonSet,
        },
        ["apps/v1/controllerrevisions"] = new()
        {
            Strategy = ControllerRevisionStrategy.Instance,
            Table = AppsTables.ControllerRevision,
            TracksGeneration = false,
        },
        ["batch/v1/jobs"] = new()
        {
            Strategy = JobStrategy.Instance,
            Table = BatchTables.Job,
            Fields = [new("status.successful", "0", "status.succeeded")],
        },
        ["batch/v1/cronjobs"] = new()
        {
            Strategy = CronJobStrategy.Instance,
            Table = BatchTables.CronJob,
            NameRule = CronJobStrategy.NameRule,
        },
        ["autoscaling/v2/horizontalpodautoscalers"] = new()
        {
            Strategy = HorizontalPodAutoscalerStrategy.Instance,
            Table = AppsTables.HorizontalPodAutoscaler,
            TracksGeneration = false,
        },
        ["autoscaling/v1/horizontalpodautoscalers"] = new()
        {
            StoredAs = "autoscaling/v2/horizontalpodautoscalers",
            Conversion = HorizontalPodAutoscalerConversion.Instance,
            Table = new ConvertedTable(AppsTables.HorizontalPodAutoscaler, HorizontalPodAutoscalerConversion.Instance),
        },
        ["policy/v1/poddisruptionbudgets"] = new()
        {
            Strategy = PodDisruptionBudgetStrategy.Instance,
            Table = PolicyTables.PodDisruptionBudget,
            UpdateNeedsRevision = true,
        },
    };
}
