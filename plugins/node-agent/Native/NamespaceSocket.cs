using System.Net.Sockets;
using System.Runtime.ExceptionServices;

namespace Modular.Plugins.NodeAgent.Native;

/// <summary>Sockets of another network namespace. A socket stays in the one it was made in, whoever uses it.</summary>
internal static class NamespaceSocket
{
    /// <exception cref="IOException">The namespace can't be entered, or is gone.</exception>
    /// <exception cref="UnauthorizedAccessException">The namespace is somebody else's.</exception>
    public static Socket Open(string networkNamespace)
    {
        using var handle = File.OpenHandle(networkNamespace);
        Socket? socket = null;
        ExceptionDispatchInfo? failure = null;

        // A thread that entered a namespace must not come back among the others.
        var thread = new Thread(() =>
        {
            try
            {
                if (LibC.setns((int)handle.DangerousGetHandle(), LibC.CLONE_NEWNET) != 0)
                {
                    throw LibC.LastError(networkNamespace);
                }

                socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            }
            catch (Exception exception) when (exception is IOException or SocketException)
            {
                failure = ExceptionDispatchInfo.Capture(exception);
            }
        }, maxStackSize: 256 * 1024);
        thread.Start();
        thread.Join();
        failure?.Throw();
        return socket!;
    }
}
