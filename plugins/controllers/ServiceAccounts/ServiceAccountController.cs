using System.Text.Json.Nodes;
using Modular.Abstractions;
using Modular.ApiMachinery;
using Modular.Models;
using Modular.Toolkit;

namespace Modular.Plugins.Controllers.ServiceAccounts;

/// <summary>Gives each namespace its ServiceAccount <c>default</c>, again if somebody deletes it.</summary>
internal sealed class ServiceAccountController(IApiClient api) : IController
{
    private const string Default = "default";
    private IInformer? _namespaces;
    private IInformer? _accounts;

    public string Name => "service-account";

    public IReadOnlyList<ControllerSource> Sources { get; } =
    [
        new(new ResourceScope(KubernetesResources.Namespaces), static ns => [ns.Name]),
        new(new ResourceScope(KubernetesResources.ServiceAccounts),
            static account => account.Metadata.Name == Default ? [new ObjectName("", account.Metadata.Namespace)] : []),
    ];

    public ValueTask StartAsync(IReadOnlyList<IInformer> informers, CancellationToken cancellationToken)
    {
        _namespaces = informers[0];
        _accounts = informers[1];
        return ValueTask.CompletedTask;
    }

    public async ValueTask<TimeSpan?> ReconcileAsync(ObjectName key, CancellationToken cancellationToken)
    {
        if (_namespaces!.Get("", key.Name) is not { Metadata.DeletionTimestamp: null } || _accounts!.Get(key.Name, Default) is not null)
        {
            return null;
        }

        var account = new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "ServiceAccount",
            ["metadata"] = new JsonObject { ["name"] = Default },
        };
        try
        {
            await api.CreateIfAbsentAsync(KubernetesResources.ServiceAccounts, key.Name, account, cancellationToken).ConfigureAwait(false);
        }
        catch (ApiException error) when (error.Reason == StatusReason.NotFound)
        {
            // The namespace is gone.
        }

        return null;
    }
}
