using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using System.Text;
using Modular.RuntimeNative.Protocol;
using Modular.RuntimeNative.Supervisor.Containers;
using Modular.RuntimeNative.Supervisor.Native;

namespace Modular.RuntimeNative.Supervisor.Isolation;

/// <summary>
/// The namespaces that a pod's containers share. A mount of each keeps it alive without any process in it, and across supervisors.
/// </summary>
internal sealed unsafe class SandboxNamespaces(string directory)
{
    private const int NewUts = 0x04000000;
    private const int NewIpc = 0x08000000;
    private const int NewNetwork = 0x40000000;

    // Only what belongs to a pod's own namespaces: with any other the machine would be changed.
    private static readonly string[] SysctlsOfNetwork = ["net."];
    private static readonly string[] SysctlsOfIpc = ["kernel.shm", "kernel.msg", "kernel.sem", "fs.mqueue."];

    /// <summary>Where a sandbox's namespace is kept; the kinds have the kernel's names: net, ipc, uts.</summary>
    public string PathOf(string sandboxId, string kind) => Path.Combine(DirectoryOf(sandboxId), kind);

    /// <summary>Which of its own a sandbox has.</summary>
    public static IReadOnlyList<string> KindsOf(SandboxRecord sandbox) =>
        [.. sandbox.HostNetwork ? Array.Empty<string>() : ["net"], .. sandbox.HostIpc ? Array.Empty<string>() : ["ipc"], "uts"];

    public void Create(SandboxRecord sandbox)
    {
        Remove(sandbox.Id);
        Directory.CreateDirectory(DirectoryOf(sandbox.Id));
        ExceptionDispatchInfo? failure = null;
        // Whatever a thread has of its own ends with it.
        var thread = new Thread(() =>
        {
            try
            {
                Enter(sandbox);
            }
            catch (Exception exception)
            {
                failure = ExceptionDispatchInfo.Capture(exception);
            }
        });
        thread.Start();
        thread.Join();
        if (failure is not null)
        {
            Remove(sandbox.Id);
            failure.Throw();
        }
    }

    /// <summary>Whether the namespaces are all there: a restart of the machine takes them away.</summary>
    public bool Exist(SandboxRecord sandbox)
    {
        var mounted = MountTable.Read();
        return KindsOf(sandbox).All(kind => mounted.Contains(PathOf(sandbox.Id, kind)));
    }

    public void Remove(string sandboxId)
    {
        var place = DirectoryOf(sandboxId);
        if (!Directory.Exists(place))
        {
            return;
        }

        foreach (var file in Directory.GetFiles(place))
        {
            _ = LibC.umount2(file, MountFlags.Detach);
        }

        Directory.Delete(place, recursive: true);
    }

    /// <summary>Removes those of sandboxes that nobody knows.</summary>
    public void RemoveOthers(IReadOnlySet<string> sandboxIds)
    {
        foreach (var place in Directory.GetDirectories(directory))
        {
            var id = Uri.UnescapeDataString(Path.GetFileName(place));
            if (!sandboxIds.Contains(id))
            {
                Remove(id);
            }
        }
    }

    private string DirectoryOf(string sandboxId) => Path.Combine(directory, Uri.EscapeDataString(sandboxId));

    private void Enter(SandboxRecord sandbox)
    {
        var flags = NewUts | (sandbox.HostIpc ? 0 : NewIpc) | (sandbox.HostNetwork ? 0 : NewNetwork);
        if (LibC.unshare(flags) != 0)
        {
            throw LibC.Failure("unshare");
        }

        SetHostname(sandbox.Hostname.Length > 0 ? sandbox.Hostname : sandbox.PodName);
        if (!sandbox.HostNetwork)
        {
            RaiseLoopback();
        }

        foreach (var (name, value) in sandbox.Sysctls)
        {
            WriteSysctl(sandbox, name, value);
        }

        foreach (var kind in KindsOf(sandbox))
        {
            var path = PathOf(sandbox.Id, kind);
            File.WriteAllBytes(path, []);
            if (LibC.mount($"/proc/thread-self/ns/{kind}", path, null, MountFlags.Bind, null) != 0)
            {
                throw LibC.Failure($"mount {path}");
            }
        }
    }

    private static void SetHostname(string name)
    {
        var bytes = Encoding.UTF8.GetBytes(name);
        fixed (byte* pointer = bytes)
        {
            if (bytes.Length > 0 && LibC.sethostname(pointer, bytes.Length) != 0)
            {
                throw LibC.Failure("sethostname");
            }
        }
    }

    private static void RaiseLoopback()
    {
        const int internet = 2;
        const int datagrams = 2;
        const nuint setFlags = 0x8914;
        const int requestSize = 40;
        const int flagsOffset = 16;
        const short up = 1;
        var socket = LibC.socket(internet, datagrams | LibC.O_CLOEXEC, 0);
        // struct ifreq: the name, then the flags.
        var request = stackalloc byte[requestSize];
        new Span<byte>(request, requestSize).Clear();
        "lo"u8.CopyTo(new Span<byte>(request, flagsOffset));
        Marshal.WriteInt16((nint)(request + flagsOffset), up);
        var failure = LibC.ioctl_bytes(socket, setFlags, request) == 0 ? null : LibC.Failure("raise the loopback device");
        _ = LibC.close(socket);
        if (failure is not null)
        {
            throw failure;
        }
    }

    private static void WriteSysctl(SandboxRecord sandbox, string name, string value)
    {
        string[] allowed = [.. sandbox.HostNetwork ? [] : SysctlsOfNetwork, .. sandbox.HostIpc ? [] : SysctlsOfIpc];
        if (name.Contains("..", StringComparison.Ordinal) || !allowed.Any(prefix => name.StartsWith(prefix, StringComparison.Ordinal)))
        {
            throw new RequestException("SysctlForbidden", $"the kernel's parameter {name} does not belong to the pod alone");
        }

        File.WriteAllText("/proc/sys/" + name.Replace('.', '/'), value);
    }
}
