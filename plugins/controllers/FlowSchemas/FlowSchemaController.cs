using System.Text.Json.Nodes;
using Modular.Abstractions;
using Modular.ApiMachinery;
using Modular.Models;
using Modular.Toolkit;

namespace Modular.Plugins.Controllers.FlowSchemas;

/// <summary>Tells of each flow schema whether the priority level that it names is missing (condition Dangling).</summary>
internal sealed class FlowSchemaController : IController
{
    private const string Dangling = "Dangling";
    private readonly IApiClient _api;
    private readonly TimeProvider _time;
    private IInformer? _schemas;
    private IInformer? _levels;

    public FlowSchemaController(IApiClient api, TimeProvider time)
    {
        _api = api;
        _time = time;
        Sources =
        [
            new(new ResourceScope(KubernetesResources.FlowSchemas), static schema => [schema.Name]),
            new(new ResourceScope(KubernetesResources.PriorityLevelConfigurations), level => (_schemas?.List() ?? []).Where(s => LevelOf(s) == level.Metadata.Name).Select(static s => s.Name)),
        ];
    }

    public string Name => "flow-schema";

    public IReadOnlyList<ControllerSource> Sources { get; }

    public ValueTask StartAsync(IReadOnlyList<IInformer> informers, CancellationToken cancellationToken)
    {
        (_schemas, _levels) = (informers[0], informers[1]);
        return ValueTask.CompletedTask;
    }

    public async ValueTask<TimeSpan?> ReconcileAsync(ObjectName key, CancellationToken cancellationToken)
    {
        if (_schemas!.Get("", key.Name) is not { } schema)
        {
            return null;
        }

        var level = LevelOf(schema);
        var (status, reason, message) = _levels!.Get("", level) is null
            ? ("True", "NotFound", $"there is no PriorityLevelConfiguration \"{level}\"")
            : ("False", "Found", $"the PriorityLevelConfiguration \"{level}\" exists");
        var present = schema.ToJsonObject().Objects("status.conditions").FirstOrDefault(static condition => condition.GetString("type") == Dangling);
        if (present?.GetString("status") != status || present.GetString("message") != message)
        {
            var conditions = new JsonArray(StatusPatch.Condition([], Dangling, status, reason, message, _time.GetUtcNow()));
            await StatusPatch.SendIfUnchangedAsync(
                _api, KubernetesResources.FlowSchemas, schema, new JsonObject { ["conditions"] = conditions }, cancellationToken).ConfigureAwait(false);
        }

        return null;
    }

    private static string LevelOf(ApiObject schema) => schema.ToJsonObject().GetString("spec.priorityLevelConfiguration.name") ?? "";
}
