using System.Runtime.InteropServices;

namespace Modular.Plugins.NetworkBridge.Netlink;

/// <summary>The kernel refused something.</summary>
internal sealed class NetlinkException(string what, int error) : IOException($"{what}: {Marshal.GetPInvokeErrorMessage(error)}")
{
    /// <summary>The error number, as in errno.h.</summary>
    public int Error { get; } = error;

    /// <summary>The last call's error.</summary>
    public static NetlinkException Last(string what) => new(what, Marshal.GetLastPInvokeError());
}
