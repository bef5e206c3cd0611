using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using Modular.Abstractions;
using Modular.RuntimeNative.Protocol;

namespace Modular.Plugins.RuntimeNative;

/// <summary>Containers with namespaces, limits and a root of their own: the machine's as the image, what they write in a layer above it.</summary>
/// <param name="executable">The program of this cluster.</param>
/// <param name="hidden">Directories of the machine that no container sees.</param>
internal sealed partial class IsolatedMode(string executable, IReadOnlyList<string> hidden) : IRuntimeMode
{
    private const string ProgramDirectory = "/opt/modular/bin";
    private const string RuntimeDirectory = "/opt/modular/dotnet";
    private const string SystemPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    public string Name => "isolated";

    public string Limitation => "no images but 'host' and 'modular'";

    public bool AssignsAddresses => false;

    public IReadOnlyList<string> SupervisorArguments =>
    [
        "isolated",
        Path.GetDirectoryName(executable)!,
        Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..")),
        .. hidden,
    ];

    public string ResolveImage(string image) => ImageName.Check(image);

    public ContainerLaunch Resolve(ContainerSpec spec, SandboxRecord sandbox)
    {
        var security = spec.Security;
        if (security.SeccompProfile == "Localhost")
        {
            throw new RuntimeException("CreateContainerError", "seccomp profiles of the node are not supported: use RuntimeDefault or Unconfined");
        }

        var user = MachineUser.Find((uint)(security.RunAsUser ?? 0));
        var environment = Environment(spec, sandbox, user);
        var command = spec.Command.Count == 0 && spec.Image == ImageName.Modular
            ? [Path.Combine(ProgramDirectory, Path.GetFileName(executable))]
            : spec.Command;
        if (command.Count + spec.Args.Count == 0)
        {
            throw new RuntimeException("CreateContainerError", $"container {spec.Name} of image '{ImageName.Host}' needs a command");
        }

        return new ContainerLaunch
        {
            Id = spec.Id,
            SandboxId = spec.SandboxId,
            Name = spec.Name,
            Attempt = spec.Attempt,
            Image = spec.Image,
            Arguments = [.. command.Concat(spec.Args).Select(argument => Expand(argument, environment))],
            Environment = [.. environment.Select(variable => $"{variable.Key}={Expand(variable.Value, environment)}")],
            WorkingDirectory = spec.WorkingDirectory.Length > 0 ? Expand(spec.WorkingDirectory, environment) : "/",
            LogPath = spec.LogPath,
            Stdin = spec.Stdin,
            StdinOnce = spec.StdinOnce,
            Tty = spec.Tty,
            Ports = [.. spec.Ports.Select(port => new PortRecord(port.Port, port.Protocol))],
            Labels = spec.Labels,
            Isolation = new IsolationRecord
            {
                // What is mounted within another mount comes after it.
                Mounts = [.. spec.Mounts.OrderBy(mount => mount.ContainerPath.Count(character => character == '/')).Select(Convert)],
                Resources = Convert(spec.Resources),
                OomScoreAdjustment = spec.Resources.OomScoreAdjustment,
                User = user.Id,
                Group = (uint?)security.RunAsGroup ?? user.Group,
                Groups = [.. user.Groups.Concat(security.SupplementalGroups.Select(group => (uint)group)).Distinct()],
                ReadOnlyRoot = security.ReadOnlyRootFilesystem,
                Privileged = security.Privileged,
                NoNewPrivileges = !security.AllowPrivilegeEscalation,
                Capabilities = Capabilities.Of(security),
                Seccomp = !security.Privileged && security.SeccompProfile != "Unconfined",
                Unmasked = security.Privileged || security.ProcMount == "Unmasked",
            },
        };
    }

    public void Clean(string containerId)
    {
        // The supervisor has what a container wrote.
    }

    public static ResourceRecord Convert(RuntimeResources resources) => new()
    {
        MilliCpuRequest = resources.MilliCpuRequest,
        MilliCpuLimit = resources.MilliCpuLimit,
        MemoryRequest = resources.MemoryRequest,
        MemoryLimit = resources.MemoryLimit,
        PidsLimit = resources.PidsLimit,
    };

    private static MountRecord Convert(ContainerMount mount) =>
        new(mount.HostPath, Path.TrimEndingDirectorySeparator(mount.ContainerPath), mount.ReadOnly, mount.Beneath, mount.Propagation);

    private static Dictionary<string, string> Environment(ContainerSpec spec, SandboxRecord sandbox, MachineUser user)
    {
        var environment = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["PATH"] = $"{ProgramDirectory}:{SystemPath}",
            ["HOME"] = user.Home,
            ["HOSTNAME"] = sandbox.Hostname.Length > 0 ? sandbox.Hostname : sandbox.PodName,
            ["DOTNET_ROOT"] = RuntimeDirectory,
        };
        // As in process mode, where it is the only way to a volume.
        foreach (var mount in spec.Mounts.Where(mount => mount.Name.Length > 0))
        {
            environment["VOLUME_" + NotInVariables().Replace(mount.Name.ToUpperInvariant(), "_")] = mount.ContainerPath;
        }

        foreach (var (name, value) in spec.Environment)
        {
            environment[name] = value;
        }

        return environment;
    }

    private static string Expand(string text, Dictionary<string, string> environment) => Reference().Replace(
        text,
        match => environment.TryGetValue(match.Groups[1].Value, out var value) ? value : match.Value);

    [GeneratedRegex(@"\$\((VOLUME_[A-Z0-9_]+)\)")]
    private static partial Regex Reference();

    [GeneratedRegex("[^A-Z0-9_]")]
    private static partial Regex NotInVariables();
}
