using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using Modular.Abstractions;
using Modular.RuntimeNative.Protocol;

namespace Modular.Plugins.RuntimeNative;

/// <summary>
/// Containers as plain processes of the machine: no images but the machine itself and this program, volumes by name instead of by mount.
/// </summary>
internal sealed partial class ProcessMode(string executable, string dataDirectory, string addressRange) : IRuntimeMode
{
    public string Name => "process";

    public bool AssignsAddresses => true;

    public IReadOnlyList<string> SupervisorArguments => [addressRange];

    public string Limitation =>
        "containers are plain processes of this machine: no isolation, no resource limits, no images but 'host' and 'modular', and each pod's address is one of 127.0.0.0/8";

    public string ResolveImage(string image) => ImageName.Check(image);

    /// <summary>Where a container works and what it may litter; gone with the container.</summary>
    public string WorkDirectory(string containerId) => Path.Combine(dataDirectory, "work", Uri.EscapeDataString(containerId));

    /// <summary>What the supervisor starts for a container.</summary>
    public ContainerLaunch Resolve(ContainerSpec spec, SandboxRecord sandbox)
    {
        var work = WorkDirectory(spec.Id);
        Directory.CreateDirectory(work);
        foreach (var mount in spec.Mounts)
        {
            Link(work, mount);
        }

        var environment = Environment(spec, sandbox, work);
        var command = spec.Command.Count == 0 && spec.Image == ImageName.Modular ? [executable] : spec.Command;
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
            WorkingDirectory = spec.WorkingDirectory.Length > 0 ? Expand(spec.WorkingDirectory, environment) : work,
            LogPath = spec.LogPath,
            Stdin = spec.Stdin,
            StdinOnce = spec.StdinOnce,
            Tty = spec.Tty,
            Ports = [.. spec.Ports.Select(port => new PortRecord(port.Port, port.Protocol))],
            Labels = spec.Labels,
        };
    }

    public void Clean(string containerId)
    {
        var work = WorkDirectory(containerId);
        if (Directory.Exists(work))
        {
            // A link is removed as a link: what it leads to is the volume's, not the container's.
            Directory.Delete(work, recursive: true);
        }
    }

    private static void Link(string work, ContainerMount mount)
    {
        var path = Path.GetFullPath(Path.Combine(work, mount.ContainerPath.TrimStart('/')));
        if (!path.StartsWith(work + "/", StringComparison.Ordinal) || Path.Exists(path))
        {
            return;
        }

        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.CreateSymbolicLink(path, mount.HostPath);
    }

    private Dictionary<string, string> Environment(ContainerSpec spec, SandboxRecord sandbox, string work)
    {
        const string systemPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
        var environment = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["PATH"] = $"{Path.GetDirectoryName(executable)}:{systemPath}",
            ["HOME"] = work,
            ["HOSTNAME"] = sandbox.Hostname.Length > 0 ? sandbox.Hostname : sandbox.PodName,
            // For the programs of this machine that are .NET programs, as 'modular' is.
            ["DOTNET_ROOT"] = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..")),
        };
        if (sandbox.Addresses.Count > 0)
        {
            environment["POD_IP"] = sandbox.Addresses[0];
        }

        foreach (var mount in spec.Mounts)
        {
            environment["VOLUME_" + NotInVariables().Replace(mount.Name.ToUpperInvariant(), "_")] = mount.HostPath;
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

    [GeneratedRegex(@"\$\((POD_IP|VOLUME_[A-Z0-9_]+)\)")]
    private static partial Regex Reference();

    [GeneratedRegex("[^A-Z0-9_]")]
    private static partial Regex NotInVariables();
}
