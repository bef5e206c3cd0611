using System.Text;
using System.Text.Json.Nodes;
using Modular.Abstractions;
using Modular.ApiMachinery;
using Modular.Models;

namespace Modular.Plugins.NodeAgent.Containers;

/// <summary>A container can't be made as its pod describes it; the reason is the one that Kubernetes shows.</summary>
internal sealed class ContainerConfigException(string message) : Exception(message);

/// <summary>Builds the environment that a pod describes.</summary>
internal sealed class ContainerEnvironment(IApiClient api, KnownServices services, string nodeName, string nodeAddress)
{
    /// <exception cref="ContainerConfigException">Something it refers to is missing.</exception>
    public async ValueTask<Dictionary<string, string>> BuildAsync(
        Pod pod, Container container, IReadOnlyList<string> addresses, CancellationToken cancellationToken)
    {
        var variables = new Dictionary<string, string>(StringComparer.Ordinal);
        ServiceVariables.Add(variables, pod, await services.OfAsync(pod.Metadata.Namespace, cancellationToken).ConfigureAwait(false));
        foreach (var source in container.EnvFrom)
        {
            await AddAllAsync(variables, pod.Metadata.Namespace, source, cancellationToken).ConfigureAwait(false);
        }

        foreach (var variable in container.Env)
        {
            var value = variable.ValueFrom is { } from
                ? await ResolveAsync(pod, container, addresses, from, cancellationToken).ConfigureAwait(false)
                : VariableExpansion.Expand(variable.Value, variables);
            if (value is not null)
            {
                variables[variable.Name] = value;
            }
        }

        return variables;
    }

    private async ValueTask<string?> ResolveAsync(
        Pod pod, Container container, IReadOnlyList<string> addresses, EnvironmentValueSource from, CancellationToken cancellationToken)
    {
        if (from.FieldRef is { } field)
        {
            return field.FieldPath is not ("metadata.labels" or "metadata.annotations")
                && PodFields.Of(pod, field.FieldPath, nodeName, nodeAddress, addresses) is { } text
                    ? text
                    : throw new ContainerConfigException($"unsupported fieldPath: {field.FieldPath}");
        }

        if (from.ResourceFieldRef is { } resource)
        {
            return PodFields.Of(
                resource.ContainerName.Length == 0
                    ? container
                    : pod.Spec.Containers.Concat(pod.Spec.InitContainers).FirstOrDefault(other => other.Name == resource.ContainerName)
                        ?? throw new ContainerConfigException($"container {resource.ContainerName} not found"),
                resource);
        }

        if (from.ConfigMapKeyRef is { } map)
        {
            return await KeyAsync(KubernetesResources.ConfigMaps, "configmap", pod.Metadata.Namespace, map, cancellationToken).ConfigureAwait(false);
        }

        return from.SecretKeyRef is { } secret
            ? await KeyAsync(KubernetesResources.Secrets, "secret", pod.Metadata.Namespace, secret, cancellationToken).ConfigureAwait(false)
            : "";
    }

    private async ValueTask AddAllAsync(
        Dictionary<string, string> variables, string ns, EnvironmentSource source, CancellationToken cancellationToken)
    {
        var (resource, kind, reference) = source.SecretRef is { } secret
            ? (KubernetesResources.Secrets, "secret", secret)
            : (KubernetesResources.ConfigMaps, "configmap", source.ConfigMapRef ?? new OptionalReference { Optional = true });
        var data = await DataAsync(resource, kind, ns, reference.Name, reference.Optional, cancellationToken).ConfigureAwait(false);
        foreach (var (key, value) in data ?? [])
        {
            variables[source.Prefix + key] = Text(kind, value);
        }
    }

    private async ValueTask<string?> KeyAsync(
        GroupVersionResource resource, string kind, string ns, KeyReference reference, CancellationToken cancellationToken)
    {
        var data = await DataAsync(resource, kind, ns, reference.Name, reference.Optional, cancellationToken).ConfigureAwait(false);
        if (data?[reference.Key] is { } value)
        {
            return Text(kind, value);
        }

        return reference.Optional
            ? null
            : throw new ContainerConfigException($"couldn't find key {reference.Key} in {kind} {ns}/{reference.Name}");
    }

    private async ValueTask<JsonObject?> DataAsync(
        GroupVersionResource resource, string kind, string ns, string name, bool optional, CancellationToken cancellationToken)
    {
        try
        {
            var obj = await api.GetAsync(new ResourceName(resource, ns, name), cancellationToken).ConfigureAwait(false);
            return obj.ToJsonObject()["data"] as JsonObject;
        }
        catch (ApiException exception) when (exception.Reason == StatusReason.NotFound)
        {
            return optional ? null : throw new ContainerConfigException($"{kind} \"{name}\" not found");
        }
    }

    private static string Text(string kind, JsonNode? value)
    {
        var text = value?.GetValue<string>() ?? "";
        return kind == "secret" ? Encoding.UTF8.GetString(Convert.FromBase64String(text)) : text;
    }
}
