using System.Text.Json.Nodes;
using Modular.ApiMachinery;

namespace Modular.Plugins.ResourcesKubernetes.Strategies;

/// <summary>Cron jobs: a job of a template at times that recur.</summary>
internal sealed class CronJobStrategy : ObservedStrategy
{
    private const int LongestName = 52;

    private CronJobStrategy()
    {
    }

    public static CronJobStrategy Instance { get; } = new();

    /// <summary>What is wrong with a name: jobs have it with a time behind it.</summary>
    public static IReadOnlyList<string> NameRule(string name) =>
        name.Length > LongestName ? [$"must be no more than {LongestName} characters"] : NameRules.Dns1123Subdomain(name);

    public override void Default(JsonObject obj) => PodTemplateRules.Default(obj, "spec.jobTemplate.spec.template");

    protected override void Validate(JsonObject spec, JsonObject? old, FieldErrors errors)
    {
        FieldRules.NotNegative(spec, "startingDeadlineSeconds", errors);
        FieldRules.NotNegative(spec, "successfulJobsHistoryLimit", errors);
        FieldRules.NotNegative(spec, "failedJobsHistoryLimit", errors);
        if (spec.GetString("schedule") is { } schedule)
        {
            ValidateSchedule(schedule, errors);
        }

        if (spec.GetString("timeZone") is { } zone && !TimeZones.Exists(zone))
        {
            errors.Invalid("spec.timeZone", zone, zone.Length == 0 ? "timeZone must be nil or non-empty string" : "unknown time zone " + zone);
        }

        if (spec.GetObject("jobTemplate.spec") is { } job)
        {
            if (job.GetBoolean("manualSelector") is true)
            {
                errors.NotSupported("spec.jobTemplate.spec.manualSelector", "true", ["nil", "false"]);
            }

            JobStrategy.ValidateWork(job, errors);
        }
    }

    private static void ValidateSchedule(string schedule, FieldErrors errors)
    {
        if (schedule.Length == 0)
        {
            errors.Required("spec.schedule");
        }
        else if (CronSchedule.Problem(schedule) is { } problem)
        {
            errors.Invalid("spec.schedule", schedule, problem);
        }
    }
}
