using Modular.ApiMachinery;
using Modular.Models;
using Modular.Plugins.NodeAgent.Pods;

namespace Modular.Plugins.NodeAgent.Volumes;

/// <summary>Makes a pod's volumes, and keeps those that are made from objects of the API as the objects are.</summary>
internal sealed class PodVolumes(AgentServices services, WatchedPod watched, PodEvents events)
{
    private const UnixFileMode Everybody =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    private readonly VolumeContent _content = new(services, watched);
    private readonly Dictionary<string, PodVolume> _ready = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (string Message, DateTimeOffset RetryAt)> _failures = new(StringComparer.Ordinal);

    /// <summary>The volumes by their names; null if one can't be had yet. One that was there once stays as it is when it can't be renewed.</summary>
    public async ValueTask<IReadOnlyDictionary<string, PodVolume>?> EnsureAsync(
        ApiObject obj, Pod pod, IReadOnlyList<string> addresses, CancellationToken cancellationToken)
    {
        foreach (var volume in pod.Spec.Volumes)
        {
            try
            {
                _ready[volume.Name] = await EnsureAsync(pod, volume, addresses, cancellationToken).ConfigureAwait(false);
                _failures.Remove(volume.Name);
            }
            catch (Exception exception) when (exception is VolumeException or IOException or UnauthorizedAccessException or ApiException)
            {
                Report(obj, volume, exception.Message);
            }
        }

        return pod.Spec.Volumes.All(volume => _ready.ContainsKey(volume.Name)) ? _ready : null;
    }

    /// <summary>Changes of objects do not concern the pod any more.</summary>
    public void Release() => services.References.Release(watched);

    private void Report(ApiObject obj, Volume volume, string message)
    {
        var now = services.Time.GetUtcNow();
        if (!_failures.TryGetValue(volume.Name, out var earlier) || earlier.Message != message || earlier.RetryAt <= now)
        {
            events.Pod(obj, "Warning", "FailedMount", $"MountVolume.SetUp failed for volume \"{volume.Name}\" : {message}");
            _failures[volume.Name] = earlier = (message, now + services.Options.BackOff);
        }

        watched.WakeAt(earlier.RetryAt);
    }

    private async ValueTask<PodVolume> EnsureAsync(Pod pod, Volume volume, IReadOnlyList<string> addresses, CancellationToken cancellationToken)
    {
        if (await _content.CollectAsync(pod, volume, addresses, cancellationToken).ConfigureAwait(false) is { } files)
        {
            return EnsureFiles(pod, volume, files);
        }

        if (_ready.TryGetValue(volume.Name, out var known))
        {
            return known;
        }

        if (volume.EmptyDir is { } empty)
        {
            return EnsureEmptyDir(pod, volume, empty);
        }

        return volume.HostPath is { } host
            ? HostPathVolumes.Ensure(host)
            : throw new VolumeException("the volume is of a kind that this node does not serve yet");
    }

    private PodVolume EnsureFiles(Pod pod, Volume volume, IReadOnlyList<VolumeFile> files)
    {
        var path = Create(pod, volume);
        var group = VolumeOwnership.Group(pod);
        if (!_ready.ContainsKey(volume.Name))
        {
            if (volume.Secret is not null || volume.Projected is not null)
            {
                MemoryVolume.Mount(path, bytes: 0, "0755");
            }

            VolumeOwnership.Give(path, group);
        }

        AtomicDirectory.Write(path, files, group, services.Time.GetUtcNow());
        return new PodVolume(path, ReadOnly: true);
    }

    private PodVolume EnsureEmptyDir(Pod pod, Volume volume, EmptyDirVolume empty)
    {
        var path = Create(pod, volume);
        if (empty.Medium == "Memory")
        {
            MemoryVolume.Mount(path, empty.SizeLimit.Length > 0 ? Quantity.Parse(empty.SizeLimit).ToLong() : 0, "0777");
        }

        var group = VolumeOwnership.Group(pod);
        VolumeOwnership.Give(path, group);
        File.SetUnixFileMode(path, group is null ? Everybody : Everybody | UnixFileMode.SetGroup);
        return new PodVolume(path, ReadOnly: false);
    }

    private string Create(Pod pod, Volume volume)
    {
        services.Directories.Create(pod.Metadata.Uid);
        return Directory.CreateDirectory(services.Directories.Volume(pod.Metadata.Uid, volume.Name)).FullName;
    }
}
