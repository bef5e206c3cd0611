using System.Collections.Concurrent;

namespace Modular.RuntimeNative.Supervisor.Isolation;

/// <summary>
/// The threads that all containers are started on. They never end, because the kernel takes the end of the thread that started a process for
/// the end of its parent, and tells it so with the signal that ends it.
/// </summary>
internal sealed class LaunchThreads
{
    private readonly BlockingCollection<Action> _work = [];

    public LaunchThreads(int count)
    {
        for (var index = 0; index < count; index++)
        {
            new Thread(Run) { IsBackground = true, Name = "launches" }.Start();
        }
    }

    public Task<int> RunAsync(SyscallScript script, string program)
    {
        var done = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
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
        return done.Task;
    }

    public int Run(SyscallScript script, string program) => RunAsync(script, program).GetAwaiter().GetResult();

    private void Run()
    {
        foreach (var work in _work.GetConsumingEnumerable())
        {
            work();
        }
    }
}
