using Modular.Abstractions;
using Modular.ApiMachinery;
using Modular.Models;
using Modular.Plugins.NodeAgent.Containers;
using Modular.Plugins.NodeAgent.Volumes;

namespace Modular.Plugins.NodeAgent.Pods;

/// <summary>Why a container could not be started, and when to try again.</summary>
internal sealed record StartFailure(string Reason, string Message, int Count, DateTimeOffset RetryAt);

/// <summary>Takes one container from its description to a running process.</summary>
internal sealed class ContainerStarter(AgentServices services, PodEvents events)
{
    private static readonly TimeSpan ShortestRetry = TimeSpan.FromSeconds(1);
    private readonly ContainerEnvironment _environment = new(services.Api, services.Services, services.NodeName, services.NodeAddress);

    /// <summary>Starts an attempt. Answers why not, if it could not be started.</summary>
    public async Task<StartFailure?> StartAsync(
        ApiObject pod, Container container, int attempt, PodSetup setup, StartFailure? earlier, CancellationToken cancellationToken)
    {
        try
        {
            var spec = await DescribeAsync(pod, container, attempt, setup, cancellationToken).ConfigureAwait(false);
            await services.Runtime.CallAsync(runtime => runtime.EnsureContainerAsync(spec, cancellationToken)).ConfigureAwait(false);
            events.Container(pod, container, "Normal", "Created", $"Created container: {container.Name}");
            services.Runtime.Note(await services.Runtime.CallAsync(runtime => runtime.StartContainerAsync(spec.Id, cancellationToken)).ConfigureAwait(false));
            events.Container(pod, container, "Normal", "Started", $"Started container {container.Name}");
            return null;
        }
        catch (RuntimeException exception)
        {
            return Fail(pod, container, exception.Reason, exception.Message, earlier);
        }
        catch (ContainerConfigException exception)
        {
            return Fail(pod, container, "CreateContainerConfigError", exception.Message, earlier);
        }
        catch (ApiException exception)
        {
            return Fail(pod, container, "CreateContainerConfigError", exception.Message, earlier);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return Fail(pod, container, "CreateContainerError", exception.Message, earlier);
        }
    }

    private async Task<ContainerSpec> DescribeAsync(
        ApiObject pod, Container container, int attempt, PodSetup setup, CancellationToken cancellationToken)
    {
        var request = new ImageRequest(container.Image, container.ImagePullPolicy.Length > 0 ? container.ImagePullPolicy : "IfNotPresent");
        var image = await services.Runtime.CallAsync(runtime => runtime.EnsureImageAsync(request, cancellationToken)).ConfigureAwait(false);
        events.Container(pod, container, "Normal", "Pulled", $"Container image \"{container.Image}\" already present on machine");
        var model = pod.AsPod();
        var variables = await _environment.BuildAsync(model, container, setup.Addresses, cancellationToken).ConfigureAwait(false);
        if (IsProcessMode)
        {
            NameServerVariables.AddTo(variables, model, services.Network);
        }

        var log = services.Directories.Log(pod.Metadata.Uid, container.Name, attempt);
        Directory.CreateDirectory(Path.GetDirectoryName(log)!);
        services.Directories.Create(pod.Metadata.Uid);
        var mounts = VolumeMounts.Of(container, setup.Volumes, variables, asLinks: IsProcessMode).Concat(Files(model, container, attempt, setup));
        return new ContainerSpec
        {
            Id = ContainerId.Of(pod.Metadata.Uid, container.Name, attempt),
            SandboxId = ContainerId.Sandbox(pod.Metadata.Uid),
            Name = container.Name,
            Attempt = attempt,
            Image = image,
            Command = [.. container.Command.Select(argument => VariableExpansion.Expand(argument, variables))],
            Args = [.. container.Args.Select(argument => VariableExpansion.Expand(argument, variables))],
            WorkingDirectory = container.WorkingDir,
            Environment = [.. variables],
            Mounts = [.. mounts],
            Ports = [.. container.Ports.Select(port => new RuntimePort(port.Port, port.Protocol))],
            LogPath = log,
            Stdin = container.Stdin,
            StdinOnce = container.StdinOnce,
            Tty = container.Tty,
            Resources = ResourceLimits.OfContainer(model, container),
            Security = SecuritySettings.Of(model, container, ImageUser()),
        };
    }

    private bool IsProcessMode => services.Runtime.Info is { Mode: "process" };

    /// <summary>What every container sees beside its volumes.</summary>
    private IEnumerable<ContainerMount> Files(Pod pod, Container container, int attempt, PodSetup setup)
    {
        yield return TerminationMessages.Mount(services.Directories, pod.Metadata.Uid, container, attempt);
        // Plain processes look names up in the machine's own files.
        if (IsProcessMode)
        {
            yield break;
        }

        var readOnly = container.SecurityContext?.ReadOnlyRootFilesystem == true;
        if (!container.VolumeMounts.Any(mount => mount.MountPath == HostsFile.PathInContainer))
        {
            var hosts = services.Directories.Hosts(pod.Metadata.Uid);
            HostsFile.Write(hosts, pod, setup.Addresses, services.Network.Domain);
            yield return new ContainerMount(hosts, HostsFile.PathInContainer, readOnly) { Name = "etc-hosts" };
        }

        // On the machine's network a pod has the machine's name.
        if (!pod.Spec.HostNetwork && !container.VolumeMounts.Any(mount => mount.MountPath == HostnameFile.PathInContainer))
        {
            var hostname = services.Directories.Hostname(pod.Metadata.Uid);
            HostnameFile.Write(hostname, pod);
            yield return new ContainerMount(hostname, HostnameFile.PathInContainer, readOnly) { Name = "etc-hostname" };
        }

        if (!container.VolumeMounts.Any(mount => mount.MountPath == ResolverFile.PathInContainer))
        {
            var resolver = services.Directories.Resolver(pod.Metadata.Uid);
            ResolverFile.Write(resolver, PodResolver.Of(pod, services.Network, MachineResolver.Read()));
            yield return new ContainerMount(resolver, ResolverFile.PathInContainer, readOnly) { Name = "etc-resolv-conf" };
        }
    }

    /// <summary>Plain processes are whoever the agent is; images that say nothing else run as root.</summary>
    private long ImageUser() => IsProcessMode && !Environment.IsPrivilegedProcess ? 1 : 0;

    private StartFailure Fail(ApiObject pod, Container container, string reason, string message, StartFailure? earlier)
    {
        var eventReason = reason == "AddressConflict" ? reason : "Failed";
        var text = reason is "ErrImagePull" or "InvalidImageName" ? $"Failed to pull image \"{container.Image}\": {message}" : $"Error: {message}";
        events.Container(pod, container, "Warning", eventReason, text);
        var count = (earlier?.Count ?? 0) + 1;
        var delay = Toolkit.BackOffDelay.After(ShortestRetry, services.Options.LongestBackOff, count - 1);
        return new StartFailure(reason, message, count, services.Time.GetUtcNow() + delay);
    }
}
