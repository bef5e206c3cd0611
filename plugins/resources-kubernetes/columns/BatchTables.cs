using System.Text.Json;
using Modular.ApiMachinery;

namespace Modular.Plugins.ResourcesKubernetes.Columns;

/// <summary>The tables of work that ends.</summary>
internal static class BatchTables
{
    public static KindTable Job { get; } = new(
        TableColumn.Name,
        TableColumn.Of("Status", "What the job as a whole is doing.", StatusOf),
        TableColumn.Of("Completions", "How many pods have succeeded, of how many.", CompletionsOf),
        new TableColumn(new("Duration", "string", "", "How long it took, or has taken so far."), (obj, now) => DurationOf(obj, now)),
        TableColumn.Age,
        PodTemplateColumns.Containers().Wide,
        PodTemplateColumns.Images().Wide,
        PodTemplateColumns.Selector().Wide);

    public static KindTable CronJob { get; } = new(
        TableColumn.Name,
        TableColumn.Text("Schedule", "When jobs begin, as cron says it.", "spec.schedule"),
        TableColumn.TextOrNone("Timezone", "Where that is the time.", "spec.timeZone"),
        new TableColumn(new("Suspend", "boolean", "", "Whether no job begins for now."), (obj, _) => obj.GetBoolean("spec.suspend") is true ? "True" : "False"),
        TableColumn.Count("Active", "How many jobs run.", "status.active"),
        TableColumn.Since("Last Schedule", "How long ago a job began.", obj => obj.GetString("status.lastScheduleTime"), TableCells.None),
        TableColumn.Age,
        PodTemplateColumns.Containers(Template).Wide,
        PodTemplateColumns.Images(Template).Wide,
        PodTemplateColumns.Selector("spec.jobTemplate.spec.selector").Wide);

    private const string Template = "spec.jobTemplate.spec.template";

    private static string StatusOf(JsonElement job) =>
        TableCells.Has(job, "Complete") ? "Complete"
        : TableCells.Has(job, "Failed") ? "Failed"
        : job.GetString("metadata.deletionTimestamp") is not null ? "Terminating"
        : TableCells.Has(job, "Suspended") ? "Suspended"
        : TableCells.Has(job, "FailureTarget") ? "FailureTarget"
        : TableCells.Has(job, "SuccessCriteriaMet") ? "SuccessCriteriaMet"
        : "Running";

    private static string CompletionsOf(JsonElement job)
    {
        var succeeded = job.GetInt64("status.succeeded") ?? 0;
        return job.GetInt64("spec.completions") is { } wanted ? $"{succeeded}/{wanted}"
            : job.GetInt64("spec.parallelism") is > 1 and var parallelism ? $"{succeeded}/1 of {parallelism}"
            : $"{succeeded}/1";
    }

    private static string DurationOf(JsonElement job, DateTimeOffset now)
    {
        if (!KubernetesTime.TryParse(job.GetString("status.startTime") ?? "", out var start))
        {
            return "";
        }

        return HumanDuration.Between(start, KubernetesTime.TryParse(job.GetString("status.completionTime") ?? "", out var end) ? end : now);
    }
}
