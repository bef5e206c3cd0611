using System.Text;
using System.Text.Json.Nodes;
using Modular.Abstractions;
using Modular.Models;
using Modular.Plugins.NodeAgent.Containers;
using Modular.Plugins.NodeAgent.Pods;

namespace Modular.Plugins.NodeAgent.Volumes;

/// <summary>Collects the files of volumes that are made from objects of the API.</summary>
internal sealed class VolumeContent(AgentServices services, WatchedPod watched)
{
    private const int UsualMode = 0b110_100_100;

    /// <summary>The volume's files in the order of their paths; null if the volume is none of these.</summary>
    /// <exception cref="VolumeException">Something it refers to is missing.</exception>
    public async ValueTask<IReadOnlyList<VolumeFile>?> CollectAsync(
        Pod pod, Volume volume, IReadOnlyList<string> addresses, CancellationToken cancellationToken)
    {
        // A path that two sources have is the later one's.
        var files = new SortedDictionary<string, VolumeFile>(StringComparer.Ordinal);
        if (volume.ConfigMap is { } map)
        {
            var reference = new ProjectedObject { Name = map.Name, Items = map.Items, Optional = map.Optional };
            await AddEntriesAsync(files, pod, isSecret: false, reference, map.DefaultMode, cancellationToken).ConfigureAwait(false);
        }
        else if (volume.Secret is { } secret)
        {
            var reference = new ProjectedObject { Name = secret.SecretName, Items = secret.Items, Optional = secret.Optional };
            await AddEntriesAsync(files, pod, isSecret: true, reference, secret.DefaultMode, cancellationToken).ConfigureAwait(false);
        }
        else if (volume.DownwardAPI is { } downward)
        {
            AddFields(files, pod, downward.Items, downward.DefaultMode, addresses);
        }
        else if (volume.Projected is { } projected)
        {
            foreach (var source in projected.Sources)
            {
                await AddSourceAsync(files, pod, source, projected.DefaultMode, addresses, cancellationToken).ConfigureAwait(false);
            }
        }
        else
        {
            return null;
        }

        return [.. files.Values];
    }

    private async ValueTask AddSourceAsync(
        SortedDictionary<string, VolumeFile> files, Pod pod, ProjectedSource source, int? mode, IReadOnlyList<string> addresses, CancellationToken cancellationToken)
    {
        if (source.ConfigMap is { } map)
        {
            await AddEntriesAsync(files, pod, isSecret: false, map, mode, cancellationToken).ConfigureAwait(false);
        }
        else if (source.Secret is { } secret)
        {
            await AddEntriesAsync(files, pod, isSecret: true, secret, mode, cancellationToken).ConfigureAwait(false);
        }
        else if (source.DownwardAPI is { } downward)
        {
            AddFields(files, pod, downward.Items, mode, addresses);
        }
        else
        {
            throw new VolumeException(
                source.ServiceAccountToken is null
                    ? "one of its sources is of a kind that this node does not serve"
                    : "failed to fetch token: this cluster does not issue tokens for service accounts yet");
        }
    }

    private async ValueTask AddEntriesAsync(
        SortedDictionary<string, VolumeFile> files, Pod pod, bool isSecret, ProjectedObject reference, int? mode, CancellationToken cancellationToken)
    {
        var (resource, kind, key) = isSecret
            ? (KubernetesResources.Secrets, "secret", "secret")
            : (KubernetesResources.ConfigMaps, "configmap", "config");
        var name = new ResourceName(resource, pod.Metadata.Namespace, reference.Name);
        if (await services.References.GetAsync(name, watched, cancellationToken).ConfigureAwait(false) is not { } obj)
        {
            if (!reference.Optional)
            {
                throw new VolumeException($"{kind} \"{reference.Name}\" not found");
            }

            return;
        }

        var entries = Entries(obj.ToJsonObject(), isSecret, kind);
        if (reference.Items.Count == 0)
        {
            foreach (var (path, data) in entries)
            {
                Add(files, path, data, mode);
            }
        }

        foreach (var item in reference.Items)
        {
            if (entries.TryGetValue(item.Key, out var data))
            {
                Add(files, item.Path, data, item.Mode ?? mode);
            }
            else if (!reference.Optional)
            {
                throw new VolumeException($"references non-existent {key} key: {item.Key}");
            }
        }
    }

    private static Dictionary<string, byte[]> Entries(JsonObject obj, bool isSecret, string kind)
    {
        var entries = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        foreach (var (name, value) in obj["data"] as JsonObject ?? [])
        {
            var text = value?.GetValue<string>() ?? "";
            entries[name] = isSecret ? Decode(name, text, kind) : Encoding.UTF8.GetBytes(text);
        }

        foreach (var (name, value) in obj["binaryData"] as JsonObject ?? [])
        {
            entries[name] = Decode(name, value?.GetValue<string>() ?? "", kind);
        }

        return entries;
    }

    private static byte[] Decode(string name, string text, string kind)
    {
        var data = new byte[text.Length];
        return Convert.TryFromBase64String(text, data, out var length)
            ? data[..length]
            : throw new VolumeException($"the value of the {kind}'s key {name} is not base64");
    }

    private void AddFields(
        SortedDictionary<string, VolumeFile> files, Pod pod, IReadOnlyList<DownwardFile> items, int? mode, IReadOnlyList<string> addresses)
    {
        foreach (var item in items)
        {
            var text = item switch
            {
                { FieldRef: { } field } => PodFields.Of(pod, field.FieldPath, services.NodeName, services.NodeAddress, addresses)
                    ?? throw new VolumeException($"unsupported fieldPath: {field.FieldPath}"),
                { ResourceFieldRef: { } resource } => PodFields.Of(
                    pod.Spec.Containers.Concat(pod.Spec.InitContainers).FirstOrDefault(container => container.Name == resource.ContainerName)
                        ?? throw new VolumeException($"container {resource.ContainerName} not found"),
                    resource),
                _ => "",
            };
            Add(files, item.Path, Encoding.UTF8.GetBytes(text), item.Mode ?? mode);
        }
    }

    private void Add(SortedDictionary<string, VolumeFile> files, string path, byte[] data, int? mode)
    {
        if (path.Length == 0 || path.StartsWith('/') || path.StartsWith("..", StringComparison.Ordinal) || path.Split('/').Contains(".."))
        {
            throw new VolumeException($"invalid path: {path}");
        }

        var permissions = (UnixFileMode)(mode ?? UsualMode);
        if (VolumeOwnership.Group(watched.Object.AsPod()) is not null)
        {
            permissions |= UnixFileMode.UserRead | UnixFileMode.GroupRead;
        }

        files[path] = new VolumeFile(path, data, permissions);
    }
}
