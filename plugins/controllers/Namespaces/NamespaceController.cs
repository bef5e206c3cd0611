using System.Text.Json.Nodes;
using Modular.Abstractions;
using Modular.ApiMachinery;
using Modular.Models;
using Modular.Toolkit;

namespace Modular.Plugins.Controllers.Namespaces;

/// <summary>Empties a namespace that is being deleted, then lets it go.</summary>
internal sealed class NamespaceController : IController
{
    private const string Finalizer = "kubernetes";

    // Leaving pods wake the controller; what else a finalizer holds is of kinds it does not watch.
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(5);

    private readonly IApiClient _api;
    private readonly TimeProvider _time;
    private readonly NamespaceContent _content;
    private IInformer? _namespaces;

    public NamespaceController(IApiClient api, TimeProvider time)
    {
        _api = api;
        _time = time;
        _content = new NamespaceContent(api);
        Sources =
        [
            new ControllerSource(new ResourceScope(KubernetesResources.Namespaces), static ns => [ns.Name]),
            new ControllerSource(new ResourceScope(KubernetesResources.Pods), TerminatingNamespaceOf),
        ];
    }

    public string Name => "namespace";

    public IReadOnlyList<ControllerSource> Sources { get; }

    public int Workers => 4;

    public ValueTask StartAsync(IReadOnlyList<IInformer> informers, CancellationToken cancellationToken)
    {
        _namespaces = informers[0];
        return ValueTask.CompletedTask;
    }

    public async ValueTask<TimeSpan?> ReconcileAsync(ObjectName key, CancellationToken cancellationToken)
    {
        if (_namespaces!.Get("", key.Name) is not { Metadata.DeletionTimestamp: not null } obj
            || !obj.AsNamespace().Spec.Finalizers.Contains(Finalizer))
        {
            return null;
        }

        var remains = await _content.DeleteAsync(key.Name, cancellationToken).ConfigureAwait(false);
        try
        {
            await ReportAsync(obj, remains, cancellationToken).ConfigureAwait(false);
            if (!remains.Any)
            {
                await FinalizeAsync(obj, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (ApiException error) when (error.Reason == StatusReason.NotFound)
        {
            return null;
        }

        return remains.Any ? LookAgain : null;
    }

    private ObjectName[] TerminatingNamespaceOf(ApiObject pod) =>
        _namespaces?.Get("", pod.Metadata.Namespace) is { Metadata.DeletionTimestamp: not null } ns ? [ns.Name] : [];

    private async ValueTask ReportAsync(ApiObject obj, NamespaceRemains remains, CancellationToken cancellationToken)
    {
        var conditions = NamespaceConditions.Changed(obj.AsNamespace().Status.Conditions, remains, _time.GetUtcNow());
        if (conditions.Count > 0)
        {
            var name = new ResourceName(KubernetesResources.Namespaces, "", obj.Metadata.Name);
            await StatusPatch.SendAsync(_api, name, new JsonObject { ["conditions"] = conditions }, cancellationToken).ConfigureAwait(false);
        }
    }

    private async ValueTask FinalizeAsync(ApiObject obj, CancellationToken cancellationToken)
    {
        var name = new ResourceName(KubernetesResources.Namespaces, "", obj.Metadata.Name);
        var current = await _api.GetAsync(name, cancellationToken).ConfigureAwait(false);
        if (current.Metadata.Uid != obj.Metadata.Uid)
        {
            return;
        }

        var kept = new JsonArray();
        foreach (var finalizer in current.AsNamespace().Spec.Finalizers)
        {
            if (finalizer != Finalizer)
            {
                kept.Add((JsonNode)JsonValue.Create(finalizer));
            }
        }

        var changed = current.ToJsonObject();
        changed["spec"] = new JsonObject { ["finalizers"] = kept };
        await _api.UpdateAsync(name, changed, "finalize", cancellationToken).ConfigureAwait(false);
    }
}
