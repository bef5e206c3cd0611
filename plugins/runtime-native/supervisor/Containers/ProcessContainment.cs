using Modular.RuntimeNative.Protocol;
using Modular.RuntimeNative.Supervisor.Native;

namespace Modular.RuntimeNative.Supervisor.Containers;

/// <summary>Containers as plain processes of the machine: each sandbox has an address, and that is all.</summary>
internal sealed class ProcessContainment(AddressPool addresses, EventLoop loop) : IContainment
{
    public void Recover(IReadOnlyCollection<string> sandboxIds, IReadOnlyCollection<string> containerIds)
    {
        // Processes are recognised by their marks, which the table looks for in either mode.
    }

    public SandboxRecord Open(SandboxRecord sandbox) => sandbox.HostNetwork
        ? sandbox
        : sandbox with
        {
            Addresses = [addresses.Take(sandbox.Id) ?? throw new RequestException("AddressesExhausted", "every address of the range is in use by a sandbox")],
        };

    public SandboxRecord Reopen(SandboxRecord sandbox)
    {
        addresses.Reserve(sandbox.Addresses);
        return sandbox;
    }

    public SandboxRecord Close(SandboxRecord sandbox)
    {
        addresses.Release(sandbox.Addresses);
        return sandbox;
    }

    public ValueTask<ChildProcess> StartAsync(ContainerLaunch launch, SandboxRecord sandbox, ChildStart start)
    {
        if (sandbox.Addresses.Count > 0 && PortCheck.FindTaken(sandbox.Addresses[0], launch.Ports) is { } taken)
        {
            throw new RequestException(
                "AddressConflict",
                $"port {taken.Port}/{taken.Protocol} of the pod's address {sandbox.Addresses[0]} is taken by another process of this machine");
        }

        return Directory.Exists(start.WorkingDirectory)
            ? ValueTask.FromResult(Start(start))
            : throw new ChildStartException(0, $"the working directory {start.WorkingDirectory} does not exist");
    }

    public PseudoTerminal OpenTerminal(ContainerLaunch launch) => PseudoTerminal.Open();

    public PseudoTerminal OpenTerminal(ChildProcess container) => PseudoTerminal.Open();

    public ChildProcess Execute(ContainerLaunch launch, ChildProcess container, ChildStart start) => Start(start);

    public bool End(ContainerLaunch launch, ProcessIdentity process)
    {
        ProcessSweep.Kill(new HashSet<string> { launch.Id }, new HashSet<int> { process.Pid });
        return false;
    }

    public void Forget(ContainerLaunch launch)
    {
        // What it wrote is in its working directory, which the plugin made and removes.
    }

    public void Dispose()
    {
    }

    private ChildProcess Start(ChildStart start) =>
        ChildProcess.Start(start with { Path = ExecutableSearch.Find(start.Arguments[0], start.Environment, start.WorkingDirectory) }, loop);
}
