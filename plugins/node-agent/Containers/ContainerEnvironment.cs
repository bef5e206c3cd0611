using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Modular.Abstractions;
using Modular.ApiMachinery;
using Modular.Models;

namespace Modular.Plugins.NodeAgent.Containers;

/// <summary>A container can't be made as its pod describes it; the reason is the one that Kubernetes shows.</summary>
internal sealed class ContainerConfigException(string message) : Exception(message);

/// <summary>Builds the environment that a pod describes.</summary>
internal sealed class ContainerEnvironment(IApiClient api, string nodeName, string nodeAddress)
{
    /// <exception cref="ContainerConfigException">Something it refers to is missing.</exception>
    public async ValueTask<Dictionary<string, string>> BuildAsync(
        Pod pod, Container container, IReadOnlyList<string> addresses, CancellationToken cancellationToken)
    {
        var variables = new Dictionary<string, string>(StringComparer.Ordinal);
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
            return Field(pod, addresses, field.FieldPath);
        }

        if (from.ResourceFieldRef is { } resource)
        {
            return Resource(pod, container, resource);
        }

        if (from.ConfigMapKeyRef is { } map)
        {
            return await KeyAsync(KubernetesResources.ConfigMaps, "configmap", pod.Metadata.Namespace, map, cancellationToken).ConfigureAwait(false);
        }

        return from.SecretKeyRef is { } secret
            ? await KeyAsync(KubernetesResources.Secrets, "secret", pod.Metadata.Namespace, secret, cancellationToken).ConfigureAwait(false)
            : "";
    }

    private string Field(Pod pod, IReadOnlyList<string> addresses, string path) => path switch
    {
        "metadata.name" => pod.Metadata.Name,
        "metadata.namespace" => pod.Metadata.Namespace,
        "metadata.uid" => pod.Metadata.Uid,
        "spec.nodeName" => nodeName,
        "spec.serviceAccountName" => pod.Spec.ServiceAccountName,
        "status.podIP" => addresses.Count > 0 ? addresses[0] : nodeAddress,
        "status.podIPs" => addresses.Count > 0 ? string.Join(',', addresses) : nodeAddress,
        "status.hostIP" or "status.hostIPs" => nodeAddress,
        _ when Key(path, "metadata.labels['") is { } label => pod.Metadata.Labels.GetValueOrDefault(label, ""),
        _ when Key(path, "metadata.annotations['") is { } annotation => pod.Metadata.Annotations.GetValueOrDefault(annotation, ""),
        _ => throw new ContainerConfigException($"fieldPath {path} is not supported"),
    };

    private static string? Key(string path, string prefix) =>
        path.StartsWith(prefix, StringComparison.Ordinal) && path.EndsWith("']", StringComparison.Ordinal) ? path[prefix.Length..^2] : null;

    private static string Resource(Pod pod, Container container, ResourceReference reference)
    {
        var of = reference.ContainerName.Length == 0
            ? container
            : pod.Spec.Containers.FirstOrDefault(other => other.Name == reference.ContainerName)
                ?? throw new ContainerConfigException($"container {reference.ContainerName} not found");
        var (kind, name) = reference.Resource.Split('.', 2) is [var first, var second] ? (first, second) : ("", "");
        var list = kind == "limits" ? of.Resources.Limits : of.Resources.Requests;
        if (!list.TryGetValue(name, out var text))
        {
            text = name switch
            {
                "cpu" => Environment.ProcessorCount.ToString(CultureInfo.InvariantCulture),
                "memory" => Nodes.MachineFacts.MemoryBytes().ToString(CultureInfo.InvariantCulture),
                _ => "0",
            };
        }

        var divisor = reference.Divisor == "0" ? 1 : Quantity.Parse(reference.Divisor).ToDouble();
        return ((long)Math.Ceiling(Quantity.Parse(text).ToDouble() / divisor)).ToString(CultureInfo.InvariantCulture);
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
