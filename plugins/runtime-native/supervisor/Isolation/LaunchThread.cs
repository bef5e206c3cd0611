using System.Collections.Concurrent;

namespace Modular.RuntimeNative.Supervisor.Isolation;

/// <summary>
/// The thread that all containers are started on. It never ends, because the kernel takes the end of the thread that started a process for
/// the end of its parent, and tells it so with the signal that ends it.
/// </summary>
internal sealed class LaunchThread
{
    private readonly BlockingCollection<Action> _work = [];

    public LaunchThread() => new Thread(Run) { IsBackground = true, Name = "launches" }.Start();

    public int Run(SyscallScript script, string program)
    {
        var done = new TaskCompletionSource<int>();
        _work.Add(() =>
        {
            try
            {
                done.SetResult(script.Run(program));
            }
            catch (Exception exception)
            {
                done.SetException(exception);
            }
        });
        return done.Task.GetAwaiter().GetResult();
    }

    private void Run()
    {
        foreach (var work in _work.GetConsumingEnumerable())
        {
            work();
        }
    }
}
