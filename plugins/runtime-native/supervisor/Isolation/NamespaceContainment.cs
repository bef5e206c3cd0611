using Modular.RuntimeNative.Protocol;
using Modular.RuntimeNative.Supervisor.Containers;
using Modular.RuntimeNative.Supervisor.Native;

namespace Modular.RuntimeNative.Supervisor.Isolation;

/// <summary>Containers with namespaces, limits and a file system of their own; needs root.</summary>
internal sealed class NamespaceContainment : IContainment
{
    private const ulong NewMount = 0x00020000;
    private const ulong NewControlGroup = 0x02000000;
    private const ulong NewProcesses = 0x20000000;
    private const int SharedWithExec = 0x02000000 | 0x04000000 | 0x08000000 | 0x20000000 | 0x40000000 | 0x00020000;
    private const int SetDumpable = 4;

    private readonly string _stage;
    private readonly string _mounts;
    private readonly string _layers;
    private readonly string _programDirectory;
    private readonly string _runtimeDirectory;
    private readonly IControlGroups _groups;
    private readonly SandboxNamespaces _namespaces;
    private readonly HostImage _image;
    private readonly EventLoop _loop;
    private readonly LaunchThreads _launches = new(Environment.ProcessorCount);
    private readonly NamespaceKeeper _keeper;
    private readonly int _null;

    public NamespaceContainment(IsolationSettings settings, string stateDirectory, string dataDirectory, EventLoop loop)
    {
        _loop = loop;
        _mounts = Path.Combine(stateDirectory, "mounts");
        _layers = Path.Combine(dataDirectory, "layers");
        _programDirectory = settings.ProgramDirectory;
        _runtimeDirectory = settings.RuntimeDirectory;
        _groups = ControlGroups.Find(dataDirectory);
        // A program that a container runs must not be able to look into this one while it is on its way there.
        _ = LibC.prctl(SetDumpable, 0, 0, 0, 0);
        Directory.CreateDirectory(_mounts);
        if (!MountTable.Read().Contains(MountPath.Canonical(_mounts)))
        {
            if (LibC.mount("tmpfs", _mounts, "tmpfs", (nuint)MountFlags.Inert, "mode=700") != 0
                || LibC.mount(null, _mounts, null, (nuint)MountFlags.Private, null) != 0)
            {
                throw LibC.Failure($"mount {_mounts}");
            }
        }

        _mounts = MountPath.Canonical(_mounts);
        _stage = Directory.CreateDirectory(Path.Combine(_mounts, "root")).FullName;
        _namespaces = new SandboxNamespaces(Directory.CreateDirectory(Path.Combine(_mounts, "namespaces")).FullName);
        _image = new HostImage(_mounts, [.. settings.Hidden, stateDirectory, dataDirectory]);
        _image.Build();
        Directory.CreateDirectory(_layers, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        _keeper = new NamespaceKeeper(_stage, _image.Layers, _launches, loop);
        _null = LibC.open("/dev/null", LibC.O_RDWR | LibC.O_CLOEXEC, 0);
    }

    public void Recover(IReadOnlyCollection<string> sandboxIds, IReadOnlyCollection<string> containerIds)
    {
        // Nothing runs yet: whatever is in a group was an earlier supervisor's.
        RemoveGroup("");
        _namespaces.RemoveOthers(new HashSet<string>(sandboxIds, StringComparer.Ordinal));
        var known = containerIds.Select(Uri.EscapeDataString).ToHashSet(StringComparer.Ordinal);
        foreach (var layer in Directory.GetDirectories(_layers).Where(layer => !known.Contains(Path.GetFileName(layer))))
        {
            Directory.Delete(layer, recursive: true);
        }
    }

    public SandboxRecord Open(SandboxRecord sandbox)
    {
        _groups.Ensure(GroupOf(sandbox.Id), sandbox.Resources);
        _namespaces.Create(sandbox);
        return sandbox with { NetworkNamespace = sandbox.HostNetwork ? "" : _namespaces.PathOf(sandbox.Id, "net") };
    }

    public SandboxRecord Reopen(SandboxRecord sandbox) => _namespaces.Exist(sandbox) ? sandbox : sandbox with { Running = false, NetworkNamespace = "" };

    public SandboxRecord Close(SandboxRecord sandbox)
    {
        _keeper.Release(sandbox.Id);
        _groups.Remove(GroupOf(sandbox.Id));
        _namespaces.Remove(sandbox.Id);
        return sandbox with { NetworkNamespace = "" };
    }

    // A privileged container has the machine's devices, its terminals included.
    public PseudoTerminal OpenTerminal(ContainerLaunch launch) =>
        launch.Isolation is { Privileged: true } ? PseudoTerminal.Open() : ContainerTerminals.Open();

    public async ValueTask<ChildProcess> StartAsync(ContainerLaunch launch, SandboxRecord sandbox, ChildStart start)
    {
        var isolation = launch.Isolation ?? throw new ChildStartException(0, "the container was described for a node without isolation");
        // Made again, because a restart of the supervisor took it away; nothing changes if it is there.
        _groups.Ensure(GroupOf(sandbox.Id), sandbox.Resources);
        _groups.Ensure(GroupOf(launch), isolation.Resources);
        var layer = LayerOf(launch.Id);
        Directory.CreateDirectory(Path.Combine(layer, "upper"), (UnixFileMode)0b111_101_101);
        Directory.CreateDirectory(Path.Combine(layer, "work"));
        var mounts = new List<(MountTree Tree, MountRecord Mount)>();
        using var script = new SyscallScript();
        using var entered = new OpenFiles();
        try
        {
            foreach (var mount in Programs().Concat(isolation.Mounts))
            {
                mounts.Add((MountTree.Open(mount, isolation.Privileged), mount));
            }

            script.ForkHelper();
            Enter(script, entered, GroupOf(launch));
            foreach (var kind in SandboxNamespaces.KindsOf(sandbox))
            {
                Join(script, entered.Open(_namespaces.PathOf(sandbox.Id, kind)), kind);
            }

            script.ForkProgram(JoinProcesses(script, sandbox) | NewMount | NewControlGroup);
            RootSteps.Add(script, isolation, _stage, OverlayOptions(layer), _groups, mounts, start.Terminals);
            ProgramSteps.Add(script, WithDescriptors(start, _null), isolation, endsWithParent: sandbox.HostPid);
            return ChildProcess.Adopt(await _launches.RunAsync(script, start.Arguments[0]).ConfigureAwait(false), _loop);
        }
        finally
        {
            foreach (var (tree, _) in mounts)
            {
                tree.Dispose();
            }
        }
    }

    public PseudoTerminal OpenTerminal(ChildProcess container)
    {
        try
        {
            return PseudoTerminal.Adopt(ContainerFiles.Open(container, "dev/pts/ptmx", LibC.O_RDWR | LibC.O_NOCTTY | LibC.O_NONBLOCK));
        }
        catch (IOException)
        {
            // A volume may be where its terminals were: one of the machine's then, which has no name there.
            return PseudoTerminal.Open();
        }
    }

    public ChildProcess Execute(ContainerLaunch launch, ChildProcess container, ChildStart start)
    {
        using var script = new SyscallScript();
        using var entered = new OpenFiles();
        var pidfd = entered.Add(container.OpenDescriptor(), "container");
        script.ForkHelper();
        Enter(script, entered, GroupOf(launch));
        script.Add("enter the container", SyscallNumber.JoinNamespace, pidfd, SharedWithExec);
        script.ForkProgram(0);
        ProgramSteps.Add(script, WithDescriptors(start, _null), launch.Isolation!, endsWithParent: false);
        return ChildProcess.Adopt(_launches.Run(script, start.Arguments[0]), _loop);
    }

    public bool End(ContainerLaunch launch, ProcessIdentity process)
    {
        var outOfMemory = _groups.RanOutOfMemory(GroupOf(launch));
        RemoveGroup(GroupOf(launch));
        return outOfMemory;
    }

    public void Forget(ContainerLaunch launch)
    {
        var layer = LayerOf(launch.Id);
        if (Directory.Exists(layer))
        {
            Directory.Delete(layer, recursive: true);
        }
    }

    public void Dispose()
    {
        _keeper.Dispose();
        _groups.Remove("");
        _namespaces.RemoveOthers(new HashSet<string>());
        _ = LibC.umount2(_mounts, MountFlags.Detach);
        Directory.Delete(_mounts);
    }

    private void RemoveGroup(string name)
    {
        try
        {
            _groups.Remove(name);
        }
        catch (IOException exception)
        {
            // Something hangs in the kernel and can't be killed now. That holds nobody else up, and closing the sandbox tries again.
            SupervisorLog.Write($"not all processes of {(name.Length > 0 ? name : "earlier containers")} could be killed: {exception.Message}");
        }
    }

    private static ChildStart WithDescriptors(ChildStart start, int nothing)
    {
        var otherwise = start.Terminal >= 0 ? start.Terminal : nothing;
        return start with
        {
            Input = start.Input < 0 ? otherwise : start.Input,
            Output = start.Output < 0 ? otherwise : start.Output,
            Error = start.Error < 0 ? otherwise : start.Error,
        };
    }

    private static void Join(SyscallScript script, int descriptor, string kind) =>
        script.Add($"enter the sandbox's {kind} namespace", SyscallNumber.JoinNamespace, descriptor);

    private ulong JoinProcesses(SyscallScript script, SandboxRecord sandbox)
    {
        if (sandbox.HostPid)
        {
            return 0;
        }

        if (sandbox.ShareProcessNamespace)
        {
            Join(script, _keeper.NamespaceOf(sandbox.Id), "process");
            return 0;
        }

        // Within the keeper's, so that the container can't outlive it. Only a process that is in it can make one there.
        Join(script, _keeper.Namespace, "process");
        script.ForkHelper();
        return NewProcesses;
    }

    private void Enter(SyscallScript script, OpenFiles files, string group)
    {
        foreach (var entry in _groups.EntriesOf(group))
        {
            script.Add($"enter {entry}", SyscallNumber.Write, files.OpenForWriting(entry), script.Text("0"), 1);
        }
    }

    private IEnumerable<MountRecord> Programs() =>
    [
        new(_programDirectory, HostImage.ProgramDirectory, ReadOnly: true, Beneath: "", Propagation: "None"),
        new(_runtimeDirectory, HostImage.RuntimeDirectory, ReadOnly: true, Beneath: "", Propagation: "None"),
    ];

    private string OverlayOptions(string layer) =>
        $"lowerdir={_image.Layers},upperdir={HostImage.OverlayPath(layer)}/upper,workdir={HostImage.OverlayPath(layer)}/work";

    private string LayerOf(string containerId) => Path.Combine(_layers, Uri.EscapeDataString(containerId));

    private static string GroupOf(string sandboxId) => Uri.EscapeDataString(sandboxId);

    private static string GroupOf(ContainerLaunch launch) => $"{GroupOf(launch.SandboxId)}/{Uri.EscapeDataString(launch.Id)}";
}
