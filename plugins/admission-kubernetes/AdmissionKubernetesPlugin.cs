using Modular.Plugins.AdmissionKubernetes.Limits;
using Modular.Plugins.AdmissionKubernetes.Pods;
using Modular.Plugins.AdmissionKubernetes.Quotas;
using Modular.Plugins.AdmissionKubernetes.Storage;

namespace Modular.Plugins.AdmissionKubernetes;

/// <summary>Kubernetes' built-in admission as a plugin.</summary>
public sealed class AdmissionKubernetesPlugin : IPlugin
{
    private readonly List<KindView> _views = [];
    private QuotaAdmission? _quotas;

    /// <inheritdoc />
    public ValueTask ProvisionAsync(IPluginContext context, CancellationToken cancellationToken)
    {
        _quotas = new QuotaAdmission(View(context, KubernetesResources.ResourceQuotas), context);
        var priorities = View(context, KubernetesResources.PriorityClasses);
        context.Provide<IAdmission>(new AdmissionSequence(
        [
            new PriorityClassAdmission(priorities),
            new PodPriority(priorities),
            new PodRuntimeClass(View(context, KubernetesResources.RuntimeClasses)),
            new PodServiceAccount(),
            new StorageProtection(),
            new LimitRangeAdmission(View(context, KubernetesResources.LimitRanges)),
            .. _views,
            _quotas,
        ]));
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc />
    public ValueTask StartAsync(CancellationToken cancellationToken)
    {
        foreach (var view in _views)
        {
            view.Start();
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        foreach (var view in _views)
        {
            await view.DisposeAsync().ConfigureAwait(false);
        }

        _quotas?.Dispose();
    }

    private KindView View(IPluginContext context, GroupVersionResource resource)
    {
        var view = new KindView(context, resource);
        _views.Add(view);
        return view;
    }
}
