using System.Text.Json.Nodes;

namespace Modular.Kernel;

/// <summary>The admission plugins that care about one request, leased until its end.</summary>
internal sealed class AdmissionChain : IDisposable
{
    private static readonly AdmissionChain Nobody = new([]);

    private readonly List<ContractLease<IAdmission>> _leases;

    private AdmissionChain(List<ContractLease<IAdmission>> leases) => _leases = leases;

    /// <summary>True if nobody cares.</summary>
    public bool IsEmpty => _leases.Count == 0;

    /// <summary>Leases those who care.</summary>
    public static AdmissionChain Open(ContractHandle<IAdmission> plugins, ApiRequest request, AdmissionOperation operation)
    {
        if (!plugins.IsAvailable)
        {
            return Nobody;
        }

        var all = plugins.AcquireAll();
        var caring = new List<ContractLease<IAdmission>>(all.Count);
        var asked = 0;
        try
        {
            for (; asked < all.Count; asked++)
            {
                var lease = all[asked];
                if (lease.Value.Handles(request.Resource, request.Subresource, operation))
                {
                    caring.Add(lease);
                }
                else
                {
                    lease.Dispose();
                }
            }
        }
        catch
        {
            Release(caring);
            Release(all.Skip(asked));
            throw;
        }

        return new AdmissionChain(caring);
    }

    /// <summary>Describes a write to the plugins.</summary>
    public static AdmissionRequest Describe(
        RequestTarget target, AdmissionOperation operation, JsonObject? obj, JsonObject? old, string name, bool dryRun) => new()
        {
            Resource = target.Resource,
            Kind = target.Subresource is { Type: SubresourceType.Action } action ? action.Kind : target.Definition.Kind,
            Subresource = target.Request.Subresource,
            Operation = operation,
            Namespace = target.Request.Namespace,
            Name = name,
            User = target.Request.User,
            Object = obj,
            OldObject = old,
            DryRun = dryRun,
        };

    /// <summary>Lets each change the object, in order.</summary>
    public async ValueTask MutateAsync(AdmissionRequest request, CancellationToken cancellationToken)
    {
        foreach (var lease in _leases)
        {
            await AskAsync(lease, request, static (plugin, asked, token) => plugin.MutateAsync(asked, token), cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Lets each refuse.</summary>
    public async ValueTask ValidateAsync(AdmissionRequest request, CancellationToken cancellationToken)
    {
        foreach (var lease in _leases)
        {
            await AskAsync(lease, request, static (plugin, asked, token) => plugin.ValidateAsync(asked, token), cancellationToken).ConfigureAwait(false);
        }
    }

    /// <inheritdoc />
    public void Dispose() => Release(_leases);

    /// <summary>A plugin that fails refuses: what it would have said is not known.</summary>
    private static async ValueTask AskAsync(
        ContractLease<IAdmission> lease, AdmissionRequest request, Func<IAdmission, AdmissionRequest, CancellationToken, ValueTask> question, CancellationToken cancellationToken)
    {
        try
        {
            await question(lease.Value, request, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not ApiException && !cancellationToken.IsCancellationRequested)
        {
            throw new ApiException(new ApiStatus(StatusReason.InternalError, $"admission plugin {lease.Provider.Name} failed, so nothing is written: {e.Message}"), e);
        }
    }

    private static void Release(IEnumerable<ContractLease<IAdmission>> leases)
    {
        foreach (var lease in leases)
        {
            lease.Dispose();
        }
    }
}
