using Modular.Plugins.NodeAgent.Native;

namespace Modular.Plugins.NodeAgent.Volumes;

/// <summary>The group that a pod's volumes belong to.</summary>
internal static class VolumeOwnership
{
    private const uint Unchanged = uint.MaxValue;

    /// <summary>The group to give volumes to; null if none is wished for, or this process may not give files away.</summary>
    public static long? Group(Models.Pod pod) => Environment.IsPrivilegedProcess ? pod.Spec.SecurityContext?.FsGroup : null;

    public static void Give(string path, long? group)
    {
        if (group is { } id && LibC.lchown(path, Unchanged, (uint)id) != 0)
        {
            throw LibC.LastError(path);
        }
    }
}
