using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Modular.Abstractions;
using Modular.ApiMachinery;
using Modular.Models;
using Modular.Testing;
using Modular.Toolkit;

namespace Modular.Plugins.Scheduling.Tests;

/// <summary>What a pod is told about why it has no node.</summary>
public sealed class VerdictTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task AnEarlierVerdictThatIsLateIsNotTheLastWord()
    {
        var time = new FakeTimeProvider();
        var api = InMemoryApi.WithCoreKinds(time);
        var obj = await api.CreateAsync(
            KubernetesResources.Pods, "default", JsonNode.Parse("""{"metadata":{"name":"p"},"spec":{"containers":[]}}""")!.AsObject(), Token);
        await using var events = new EventRecorder(api, "test", time, NullLogger.Instance);
        var verdicts = new VerdictWriter(api, events, time, NullLogger.Instance);
        var pod = new PendingPod(obj, 1);
        var (isLate, seenAgain, later) = (false, new TaskCompletionSource(), Task.CompletedTask);
        api.Intercept = (verb, resource, _, name) =>
        {
            if (verb == "get")
            {
                seenAgain.TrySetResult();
            }

            if (verb != "patch" || resource != KubernetesResources.Pods || isLate)
            {
                return null;
            }

            // The first verdict reaches the API after the second.
            isLate = true;
            pod.Verdict = "there is no room";
            var status = StatusPatch.Condition([], "PodScheduled", "False", "Unschedulable", pod.Verdict, time.GetUtcNow());
            later = StatusPatch.SendAsync(api, new ResourceName(resource, "default", name), new JsonObject { ["conditions"] = new JsonArray(status) }, Token).AsTask();
            return new ApiException(StatusReason.Conflict, "it changed");
        };
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var running = verdicts.RunAsync(stop.Token);
        verdicts.Write(pod, "Unschedulable", "there is no node");
        await seenAgain.Task.WaitAsync(Token);
        await later;
        await stop.CancelAsync();
        await running.ContinueWith(static _ => { }, Token, TaskContinuationOptions.None, TaskScheduler.Default);
        Assert.Equal("there is no room", Message(api));
    }

    private static string? Message(InMemoryApi api) =>
        Condition.Find(api.Peek(KubernetesResources.Pods, "default", "p")!.AsPod().Status.Conditions, "PodScheduled")?.Message;
}
