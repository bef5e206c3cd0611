using Modular.Abstractions;
using Modular.Models;

namespace Modular.Plugins.NodeAgent.Containers;

/// <summary>Who a container is and what it may do: its own wishes, and the pod's where it has none.</summary>
internal static class SecuritySettings
{
    /// <param name="pod">The pod.</param>
    /// <param name="container">The container.</param>
    /// <param name="imageUser">Whom the container would run as if nobody wished otherwise.</param>
    /// <exception cref="ContainerConfigException">It would run as root and must not.</exception>
    public static ContainerSecurity Of(Pod pod, Container container, long imageUser)
    {
        var all = pod.Spec.SecurityContext ?? new PodSecurityContext();
        var own = container.SecurityContext ?? new SecurityContext();
        var user = own.RunAsUser ?? all.RunAsUser;
        if ((own.RunAsNonRoot ?? all.RunAsNonRoot) == true && (user ?? imageUser) == 0)
        {
            throw new ContainerConfigException(
                user is null
                    ? $"container has runAsNonRoot and image will run as root (container: {container.Name})"
                    : $"container's runAsUser breaks non-root policy (container: {container.Name})");
        }

        var seccomp = own.SeccompProfile ?? all.SeccompProfile;
        return new ContainerSecurity
        {
            RunAsUser = user,
            RunAsGroup = own.RunAsGroup ?? all.RunAsGroup,
            SupplementalGroups = all.FsGroup is { } group ? [.. all.SupplementalGroups, group] : all.SupplementalGroups,
            ReadOnlyRootFilesystem = own.ReadOnlyRootFilesystem,
            Privileged = own.Privileged,
            AllowPrivilegeEscalation = own.AllowPrivilegeEscalation ?? true,
            AddedCapabilities = own.Capabilities?.Add ?? [],
            DroppedCapabilities = own.Capabilities?.Drop ?? [],
            SeccompProfile = seccomp?.Type ?? "",
            SeccompProfilePath = seccomp?.LocalhostProfile ?? "",
            ProcMount = own.ProcMount,
        };
    }
}
