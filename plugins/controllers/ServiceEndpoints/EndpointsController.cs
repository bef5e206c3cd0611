using System.Text.Json.Nodes;
using Modular.Abstractions;
using Modular.ApiMachinery;
using Modular.Models;
using Modular.Toolkit;

namespace Modular.Plugins.Controllers.ServiceEndpoints;

/// <summary>Keeps in Endpoints, the older form, who answers for each service that selects pods.</summary>
internal sealed class EndpointsController : IController
{
    private const string ManagerLabel = "endpoints.kubernetes.io/managed-by";
    private const string Manager = "endpoint-controller";
    private const string OverCapacity = "endpoints.kubernetes.io/over-capacity";
    private const int Capacity = 1000;

    private readonly IApiClient _api;
    private readonly ServicePods _pods = new();
    private IInformer? _endpoints;

    public EndpointsController(IApiClient api)
    {
        _api = api;
        Sources =
        [
            _pods.ServiceSource,
            _pods.PodSource,
            new ControllerSource(new ResourceScope(KubernetesResources.Endpoints), static endpoints => [endpoints.Name]),
        ];
    }

    public string Name => "endpoints";

    public IReadOnlyList<ControllerSource> Sources { get; }

    public int Workers => 2;

    public ValueTask StartAsync(IReadOnlyList<IInformer> informers, CancellationToken cancellationToken)
    {
        _pods.Start(informers[0], informers[1]);
        _endpoints = informers[2];
        return ValueTask.CompletedTask;
    }

    public async ValueTask<TimeSpan?> ReconcileAsync(ObjectName key, CancellationToken cancellationToken)
    {
        var present = _endpoints!.Get(key.Namespace, key.Name);
        if (_pods.Service(key) is not { } service)
        {
            await DeleteAsync(present, cancellationToken).ConfigureAwait(false);
        }
        else if (ServicePods.AreWanted(service))
        {
            await WriteAsync(service, present, cancellationToken).ConfigureAwait(false);
        }

        return null;
    }

    private async ValueTask WriteAsync(ApiObject service, ApiObject? present, CancellationToken cancellationToken)
    {
        var wanted = new EndpointSubsets(
            _pods.Backends(service).Where(pod => pod.Backend.Terminating != true || service.AsService().Spec.PublishNotReadyAddresses), Capacity);
        var labels = new Dictionary<string, string>(ServiceLabels.Of(service), StringComparer.Ordinal) { [ManagerLabel] = Manager };
        if (present is not null && wanted.AreThoseOf(present.AsEndpoints()) && HasLabels(present, labels))
        {
            return;
        }

        var obj = present?.ToJsonObject() ?? new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Endpoints",
            ["metadata"] = new JsonObject { ["name"] = service.Metadata.Name },
        };
        var metadata = obj["metadata"]!.AsObject();
        metadata["labels"] = new JsonObject(labels.Select(label => KeyValuePair.Create(label.Key, (JsonNode?)label.Value)));
        if (wanted.AreTruncated)
        {
            (metadata["annotations"] ??= new JsonObject())[OverCapacity] = "truncated";
        }
        else
        {
            (metadata["annotations"] as JsonObject)?.Remove(OverCapacity);
        }

        obj["subsets"] = wanted.ToJson();
        try
        {
            var ns = service.Metadata.Namespace;
            if (present is null)
            {
                await _api.CreateAsync(KubernetesResources.Endpoints, ns, obj, cancellationToken).ConfigureAwait(false);
            }
            else
            {
                var name = new ResourceName(KubernetesResources.Endpoints, ns, service.Metadata.Name);
                await _api.UpdateAsync(name, obj, "", cancellationToken).ConfigureAwait(false);
            }
        }
        catch (ApiException error) when (error.Reason == StatusReason.AlreadyExists || NamespaceTermination.IsCauseOf(error))
        {
            // Made before, and the event that says so wakes the key; or nobody wants it any more.
        }
    }

    private async ValueTask DeleteAsync(ApiObject? endpoints, CancellationToken cancellationToken)
    {
        // Endpoints that somebody wrote by hand may come before their service.
        if (endpoints?.Metadata.Labels.GetValueOrDefault(ManagerLabel) != Manager)
        {
            return;
        }

        try
        {
            var name = new ResourceName(KubernetesResources.Endpoints, endpoints.Metadata.Namespace, endpoints.Metadata.Name);
            await _api.DeleteAsync(name, new DeleteOptions { Uid = endpoints.Metadata.Uid }, cancellationToken).ConfigureAwait(false);
        }
        catch (ApiException error) when (error.Reason == StatusReason.NotFound)
        {
            // Gone already.
        }
    }

    private static bool HasLabels(ApiObject obj, Dictionary<string, string> labels) =>
        labels.Count == obj.Metadata.Labels.Count && labels.All(label => obj.Metadata.Labels.GetValueOrDefault(label.Key) == label.Value);
}
