using System.Globalization;
using Modular.Plugins.NodeAgent.Volumes;

namespace Modular.Plugins.NodeAgent.Containers;

/// <summary>Where a pod's volumes and logs are on this node.</summary>
internal sealed class PodDirectories(string root)
{
    private const string LogExtension = ".log";

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>A volume that lives as long as its pod.</summary>
    public string Volume(string podUid, string volume) => Path.Combine(Pod(podUid), "volumes", volume);

    /// <summary>What one attempt at a container leaves behind for its status.</summary>
    public string TerminationMessage(string podUid, string container, int attempt) =>
        Path.Combine(Pod(podUid), "containers", container, attempt.ToString(CultureInfo.InvariantCulture) + ".message");

    /// <summary>The pod's hosts file.</summary>
    public string Hosts(string podUid) => Path.Combine(Pod(podUid), "etc-hosts");

    /// <summary>The pod's host name file.</summary>
    public string Hostname(string podUid) => Path.Combine(Pod(podUid), "etc-hostname");

    /// <summary>The pod's resolver file.</summary>
    public string Resolver(string podUid) => Path.Combine(Pod(podUid), "etc-resolv.conf");

    /// <summary>Makes the pod's directory, which nobody else on the machine may look into.</summary>
    public void Create(string podUid) => Directory.CreateDirectory(Pod(podUid), OwnerOnly);

    /// <summary>The log of one attempt at a container.</summary>
    public string Log(string podUid, string container, int attempt) =>
        Path.Combine(Pod(podUid), "logs", container, attempt.ToString(CultureInfo.InvariantCulture) + LogExtension);

    /// <summary>Removes everything of a pod that is gone.</summary>
    public void Remove(string podUid)
    {
        if (Directory.Exists(Pod(podUid)))
        {
            MemoryVolume.UnmountAll(Pod(podUid));
            Directory.Delete(Pod(podUid), recursive: true);
        }
    }

    /// <summary>Takes away what is mounted for any pod; the directories stay.</summary>
    public void UnmountAll() => MemoryVolume.UnmountAll(root);

    /// <summary>The uids of all pods that have a directory.</summary>
    public IReadOnlyList<string> Pods() =>
        Directory.Exists(root) ? [.. Directory.GetDirectories(root).Select(path => Path.GetFileName(path))] : [];

    private string Pod(string podUid) => Path.Combine(root, podUid);
}
