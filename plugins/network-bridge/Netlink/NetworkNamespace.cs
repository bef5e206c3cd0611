using System.Buffers.Binary;
using System.Runtime.ExceptionServices;
using Microsoft.Win32.SafeHandles;

namespace Modular.Plugins.NetworkBridge.Netlink;

/// <summary>A network namespace of somebody else, held open.</summary>
internal sealed unsafe class NetworkNamespace : IDisposable
{
    private readonly SafeFileHandle _handle;

    private NetworkNamespace(SafeFileHandle handle, ulong identity)
    {
        _handle = handle;
        Identity = identity;
    }

    /// <summary>Differs from that of every other namespace there is now.</summary>
    public ulong Identity { get; }

    /// <summary>To name the namespace to the kernel.</summary>
    public int Descriptor => (int)_handle.DangerousGetHandle();

    /// <exception cref="NetlinkException">There is none at this path.</exception>
    public static NetworkNamespace Open(string path)
    {
        var descriptor = LibC.open(path, LibC.O_RDONLY | LibC.O_CLOEXEC, 0);
        if (descriptor < 0)
        {
            throw NetlinkException.Last(path);
        }

        var handle = new SafeFileHandle(descriptor, ownsHandle: true);
        const int inodeOffset = 32;
        var status = stackalloc byte[256];
        if (LibC.statx(descriptor, "", LibC.AT_EMPTY_PATH, LibC.STATX_INO, status) != 0)
        {
            var failure = NetlinkException.Last(path);
            handle.Dispose();
            throw failure;
        }

        return new NetworkNamespace(handle, BinaryPrimitives.ReadUInt64LittleEndian(new ReadOnlySpan<byte>(status + inodeOffset, sizeof(ulong))));
    }

    /// <summary>Opens a socket that speaks about this namespace.</summary>
    public NetlinkSocket OpenSocket() => Enter(() => NetlinkSocket.Open(NetlinkProtocol.Route));

    /// <summary>Runs something inside, on a thread of its own: one that entered a namespace must not come back among the others.</summary>
    public T Enter<T>(Func<T> inside)
    {
        T? result = default;
        ExceptionDispatchInfo? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                if (LibC.setns(Descriptor, LibC.CLONE_NEWNET) != 0)
                {
                    throw NetlinkException.Last("the sandbox's network namespace can't be entered");
                }

                result = inside();
            }
            catch (Exception exception)
            {
                failure = ExceptionDispatchInfo.Capture(exception);
            }
        }, maxStackSize: 256 * 1024);
        thread.Start();
        thread.Join();
        failure?.Throw();
        return result!;
    }

    public void Dispose() => _handle.Dispose();
}
