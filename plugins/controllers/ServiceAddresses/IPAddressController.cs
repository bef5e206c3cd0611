using Modular.Abstractions;
using Modular.ApiMachinery;
using Modular.Models;
using Modular.Toolkit;

namespace Modular.Plugins.Controllers.ServiceAddresses;

/// <summary>
/// Keeps an IPAddress for each virtual address of a service. Who has which address follows from the services; these objects show it, and what shows something
/// else is put right.
/// </summary>
internal sealed class IPAddressController(IApiClient api) : IController
{
    private IInformer? _services;
    private IInformer? _addresses;

    public string Name => "ip-address";

    // Addresses are no names of services, for they have no namespace.
    public IReadOnlyList<ControllerSource> Sources { get; } =
    [
        new(new ResourceScope(KubernetesResources.Services), static service => [service.Name, .. AddressObject.Held(service).Select(static ip => new ObjectName("", ip))]),
        new(new ResourceScope(KubernetesResources.IPAddresses), static address =>
            AddressObject.ServiceOf(address) is { } service ? [address.Name, service] : [address.Name]),
    ];

    public ValueTask StartAsync(IReadOnlyList<IInformer> informers, CancellationToken cancellationToken)
    {
        (_services, _addresses) = (informers[0], informers[1]);
        return ValueTask.CompletedTask;
    }

    public async ValueTask<TimeSpan?> ReconcileAsync(ObjectName key, CancellationToken cancellationToken)
    {
        if (key.Namespace.Length == 0)
        {
            await RemoveIfFreeAsync(key.Name, cancellationToken).ConfigureAwait(false);
        }
        else if (_services!.Get(key.Namespace, key.Name) is { } service)
        {
            foreach (var address in AddressObject.Held(service))
            {
                await EnsureAsync(address, key, cancellationToken).ConfigureAwait(false);
            }
        }

        return null;
    }

    private async ValueTask EnsureAsync(string address, ObjectName service, CancellationToken cancellationToken)
    {
        if (_addresses!.Get("", address) is { } present && !await RemoveIfFreeAsync(present, cancellationToken).ConfigureAwait(false))
        {
            return;
        }

        await api.CreateIfAbsentAsync(KubernetesResources.IPAddresses, "", AddressObject.Of(address, service), cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask RemoveIfFreeAsync(string address, CancellationToken cancellationToken)
    {
        if (_addresses!.Get("", address) is { } present)
        {
            await RemoveIfFreeAsync(present, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Removes an address whose service is gone or has another one; false if it stays.</summary>
    private async ValueTask<bool> RemoveIfFreeAsync(ApiObject address, CancellationToken cancellationToken)
    {
        if (!AddressObject.IsOurs(address)
            || (AddressObject.ServiceOf(address) is { } holder && _services!.Get(holder.Namespace, holder.Name) is { } service
                && AddressObject.Held(service).Contains(address.Metadata.Name)))
        {
            return false;
        }

        try
        {
            var name = new ResourceName(KubernetesResources.IPAddresses, "", address.Metadata.Name);
            await api.DeleteAsync(name, new DeleteOptions { Uid = address.Metadata.Uid }, cancellationToken).ConfigureAwait(false);
        }
        catch (ApiException error) when (error.Reason is StatusReason.NotFound or StatusReason.Conflict)
        {
            // Somebody was faster.
        }

        return true;
    }
}
