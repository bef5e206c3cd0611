using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Modular.Abstractions;
using Modular.Plugins.NodeAgent.Containers;

namespace Modular.Plugins.NodeAgent.Tests;

public sealed class RuntimeViewTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_was_noted_after_a_list_was_taken_outlasts_it_and_not_the_next()
    {
        var runtime = new FakeRuntime(new FakeTimeProvider());
        var view = new RuntimeView(new FixedHandle<IContainerRuntime>(runtime), TimeProvider.System, NullLogger.Instance);
        await view.RefreshAsync(Token);
        var telling = new TaskCompletionSource();
        runtime.Telling = telling.Task;
        var (taken, late) = (runtime.Lists, view.RefreshAsync(Token));
        while (runtime.Lists == taken)
        {
            await Task.Delay(1, Token);
        }

        view.Note(await runtime.EnsureSandboxAsync(new SandboxSpec { Id = "pod", PodName = "web", PodNamespace = "default", PodUid = "pod" }, Token));
        await runtime.EnsureContainerAsync(new ContainerSpec { Id = "pod_main_0", SandboxId = "pod", Name = "main", Image = "host", LogPath = "/dev/null" }, Token);
        view.Note(await runtime.StartContainerAsync("pod_main_0", Token));
        telling.SetResult();
        await late;
        Assert.True(view.Sandbox("pod") is { Running: true });
        Assert.Equal(ContainerPhase.Running, Assert.Single(view.Containers("pod")).Phase);

        await runtime.RemoveContainerAsync("pod_main_0", Token);
        await runtime.StopSandboxAsync("pod", Token);
        await runtime.RemoveSandboxAsync("pod", Token);
        await view.RefreshAsync(Token);
        Assert.Null(view.Sandbox("pod"));
        Assert.Empty(view.Containers("pod"));
    }

    [Fact]
    public async Task Events_of_the_time_before_a_note_take_nothing_back()
    {
        var runtime = new FakeRuntime(new FakeTimeProvider());
        var view = new RuntimeView(new FixedHandle<IContainerRuntime>(runtime), TimeProvider.System, NullLogger.Instance);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var running = view.RunAsync(stop.Token);
        await view.Listed.WaitAsync(Token);
        var telling = new TaskCompletionSource();
        runtime.Telling = telling.Task;
        await runtime.EnsureSandboxAsync(new SandboxSpec { Id = "pod", PodName = "web", PodNamespace = "default", PodUid = "pod" }, Token);
        await runtime.EnsureContainerAsync(new ContainerSpec { Id = "pod_main_0", SandboxId = "pod", Name = "main", Image = "host", LogPath = "/dev/null" }, Token);
        view.Note(await runtime.StartContainerAsync("pod_main_0", Token));
        var phases = new List<ContainerPhase>();
        var ended = new TaskCompletionSource();
        view.Changed += _ =>
        {
            phases.AddRange(view.Containers("pod").Select(container => container.Phase));
            if (phases.Contains(ContainerPhase.Exited))
            {
                ended.TrySetResult();
            }
        };
        runtime.End("pod_main_0", 0);
        telling.SetResult();
        await ended.Task.WaitAsync(Token);
        Assert.DoesNotContain(ContainerPhase.Created, phases);
        await stop.CancelAsync();
        await running;
    }
}
