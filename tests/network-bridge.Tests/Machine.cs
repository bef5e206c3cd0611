using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using Modular.Plugins.NetworkBridge.Netlink;

namespace Modular.Plugins.NetworkBridge.Tests;

/// <summary>A machine as far as the network goes: a network namespace of its own, and a thread that lives in it.</summary>
internal sealed partial class Machine : IDisposable
{
    private readonly BlockingCollection<Action> _work = [];
    private readonly Thread _thread;
    private readonly NetworkNamespace _namespace;

    public Machine()
    {
        _thread = new Thread(Work) { IsBackground = true };
        _thread.Start();
        _namespace = Do(() =>
        {
            if (Unshare(LibC.CLONE_NEWNET) != 0)
            {
                throw NetlinkException.Last("a network namespace for tests");
            }

            return NetworkNamespace.Open("/proc/thread-self/ns/net");
        });
    }

    /// <summary>Whether this user may make network namespaces.</summary>
    public static bool CanBeMade { get; } = TryMake();

    /// <summary>Why tests are skipped if not.</summary>
    public const string Need = "network namespaces can't be made here: run the tests as root";

    /// <summary>The path of the namespace, as long as this is not disposed of.</summary>
    public string Path => $"/proc/self/fd/{_namespace.Descriptor}";

    /// <summary>Does something on this machine.</summary>
    public T Do<T>(Func<T> action)
    {
        T? result = default;
        ExceptionDispatchInfo? failure = null;
        using var done = new ManualResetEventSlim();
        _work.Add(() =>
        {
            try
            {
                result = action();
            }
            catch (Exception exception)
            {
                failure = ExceptionDispatchInfo.Capture(exception);
            }

            done.Set();
        });
        done.Wait();
        failure?.Throw();
        return result!;
    }

    /// <summary>Does something on this machine.</summary>
    public void Do(Action action) => Do(() =>
    {
        action();
        return true;
    });

    public void Dispose()
    {
        _work.CompleteAdding();
        _thread.Join();
        _work.Dispose();
        _namespace?.Dispose();
    }

    private static bool TryMake()
    {
        try
        {
            new Machine().Dispose();
            return true;
        }
        catch (NetlinkException)
        {
            return false;
        }
    }

    private void Work()
    {
        foreach (var action in _work.GetConsumingEnumerable())
        {
            action();
        }
    }

    [LibraryImport("libc", EntryPoint = "unshare", SetLastError = true)]
    private static partial int Unshare(int kinds);
}
