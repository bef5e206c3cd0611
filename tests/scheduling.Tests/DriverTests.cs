using System.Text.Json.Nodes;
using Modular.Abstractions;
using Modular.ApiMachinery;
using Modular.Models;
using Modular.Plugins.SchedulerBinpack;
using Modular.Plugins.SchedulerSpread;
using Modular.Testing;

namespace Modular.Plugins.Scheduling.Tests;

public sealed class DriverTests : DriverScene
{
    [Fact]
    public async Task PodsAreBoundAndSayWhere()
    {
        Scheduler.Swap("scheduler-binpack", new BinPackScheduler());
        await AddNode("n1", 4000);
        Start();
        await AddPod("a", 1000);
        await AddPod("b", 1000);

        await Eventually.Holds(() => NodeOf("a") == "n1" && NodeOf("b") == "n1", "both pods are bound");
        await Eventually.Holds(() => Events("Scheduled").Count == 2, "both pods have an event");
        Assert.Contains(Events("Scheduled"), e => e.Message.StartsWith("Successfully assigned default/a to n1 by ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task PodsOfOtherSchedulersAndGatedOnesAreLeftAlone()
    {
        Scheduler.Swap("scheduler-binpack", new BinPackScheduler());
        await AddNode("n1", 4000);
        Start();
        await AddPod("other", 10, pod => pod["spec"]!["schedulerName"] = "mine");
        await AddPod("gated", 10, pod => pod["spec"]!["schedulingGates"] = JsonNode.Parse("""[{"name":"example.com/wait"}]"""));
        await AddPod("ours", 10);

        await Eventually.Holds(() => NodeOf("ours") == "n1", "our pod is bound");
        Assert.Equal("", NodeOf("other"));
        Assert.Equal("", NodeOf("gated"));
        await Api.PatchAsync(Name("gated"), PatchType.Merge, JsonNode.Parse("""{"spec":{"schedulingGates":null}}""")!, "", Token);
        await Eventually.Holds(() => NodeOf("gated") == "n1", "the gate is open");
    }

    [Fact]
    public async Task APodThatFitsNowhereSaysWhyAndIsPlacedWhenRoomAppears()
    {
        Scheduler.Swap("scheduler-spread", new SpreadScheduler());
        await AddNode("n1", 1000);
        await AddNode("n2", 8000, node => node["spec"] = JsonNode.Parse("""{"taints":[{"key":"k","value":"v","effect":"NoSchedule"}]}"""));
        Start();
        await AddPod("first", 800);
        await Eventually.Holds(() => NodeOf("first") == "n1", "the first pod is bound");
        await AddPod("big", 900);

        await Eventually.Holds(() => Scheduled("big") is { Reason: "Unschedulable" }, "the pod says why");
        Assert.Equal("0/2 nodes are available: 1 Insufficient cpu, 1 node(s) had untolerated taint {k: v}.", Scheduled("big")!.Message);
        await Eventually.Holds(() => Events("FailedScheduling").Count == 1, "there is an event");

        Time.Advance(TimeSpan.FromMinutes(1));
        await Api.DeleteAsync(Name("first"), new DeleteOptions { GracePeriodSeconds = 0 }, Token);
        await Eventually.Holds(() => NodeOf("big") == "n1", "the pod takes the room of the one that left");
    }

    [Fact]
    public async Task APodThatCameBeforeTheFirstNodeIsPlacedWhenTheNodeComes()
    {
        Scheduler.Swap("scheduler-binpack", new BinPackScheduler());
        Start();
        await AddPod("a", 100);
        await Eventually.Holds(() => Scheduled("a") is { Message: "no nodes available to schedule pods" }, "there is no node");
        await AddNode("n1", 1000);
        await Eventually.Holds(() => NodeOf("a") == "n1", "the pod is bound, with no wait");
    }

    [Fact]
    public async Task APodThatDoesNotFitTheFirstNodeSaysSo()
    {
        Scheduler.Swap("scheduler-binpack", new BinPackScheduler());
        Start();
        await AddPod("big", 2000);
        await Eventually.Holds(() => Scheduled("big") is { Message: "no nodes available to schedule pods" }, "there is no node");
        await AddNode("n1", 1000);
        await Eventually.Holds(() => Scheduled("big") is { Message: "0/1 nodes are available: 1 Insufficient cpu." }, "the pod says what it lacks");
        await AddNode("n2", 4000);
        await Eventually.Holds(() => NodeOf("big") == "n2", "the pod is bound, with no wait");
    }

    [Fact]
    public async Task APodRefusedTwiceWaitsForItsBackOff()
    {
        var refusals = 0;
        Scheduler.Swap("choosy", new ScriptedScheduler((pod, _) => pod.Name == "a" && Interlocked.Increment(ref refusals) <= 2
            ? new Placement { PodUid = pod.Uid, Refused = [new RefusedNodes("no mood", 1)] }
            : new Placement { PodUid = pod.Uid, NodeName = "n1" }));
        await AddNode("n1", 1000);
        Start();
        await AddPod("a", 100);
        await Eventually.Holds(() => Scheduled("a") is { Reason: "Unschedulable" }, "the pod is refused");
        await AddNode("n2", 1000);
        await Eventually.Holds(() => Volatile.Read(ref refusals) == 2, "a new node gives it a second chance");
        await AddNode("n3", 1000);
        await AddPod("b", 100);
        await Eventually.Holds(() => NodeOf("b") == "n1", "a pod without back-off is bound");
        Assert.Equal("", NodeOf("a"));

        Time.Advance(TimeSpan.FromSeconds(1));
        await Eventually.Holds(() => NodeOf("a") == "n1", "the back-off ended");
    }

    [Fact]
    public async Task WithoutASchedulerPodsSaySoAndAreTakenUpWhenOneComes()
    {
        await AddNode("n1", 4000);
        Start();
        await AddPod("a", 100);
        await Eventually.Holds(() => Scheduled("a") is { Reason: "SchedulerUnavailable" }, "the pod says that nobody schedules");
        Assert.Contains("no scheduler plugin is running", Scheduled("a")!.Message, StringComparison.Ordinal);
        await Eventually.Holds(() => Events("FailedScheduling").Count == 1, "there is an event");

        Scheduler.Swap("scheduler-binpack", new BinPackScheduler());
        await Eventually.Holds(() => NodeOf("a") == "n1", "the pod is bound");
        Assert.Equal([(SchedulerState.Missing, ""), (SchedulerState.Working, "")], Reports);
    }

    [Fact]
    public async Task ASwapLetsTheOldSchedulerGoAndTheNewOnePlacePendingPods()
    {
        var refusing = new ScriptedScheduler((pod, _) => new Placement { PodUid = pod.Uid, Refused = [new RefusedNodes("no mood", 1)] });
        Scheduler.Swap("refusing", refusing);
        await AddNode("n1", 4000);
        Start();
        await AddPod("bound", 100, pod => pod["spec"]!["nodeName"] = "n1");
        await AddPod("a", 100);
        await Eventually.Holds(() => Scheduled("a") is { Message: "0/1 nodes are available: 1 no mood." }, "the first one refuses");

        var willing = new ScriptedScheduler((pod, _) => new Placement { PodUid = pod.Uid, NodeName = "n1" });
        Scheduler.Swap("willing", willing);
        await Eventually.Holds(() => NodeOf("a") == "n1", "the second one places");
        await Eventually.Holds(() => refusing.OpenSessions == 0, "the first one's session is closed");
        await Eventually.Holds(() => Scheduler.Leases == 1, "its lease is given back");
        var whole = willing.Deltas.First();
        Assert.Equal(0, whole.Base);
        Assert.Equal(["n1"], whole.Nodes.Select(n => n.Name));
        Assert.Equal(["bound"], whole.Pods.Select(p => p.Name));
    }

    [Fact]
    public async Task AnIdleSchedulerIsLetGoToo()
    {
        var old = new ScriptedScheduler((pod, _) => new Placement { PodUid = pod.Uid, NodeName = "n1" });
        Scheduler.Swap("old", old);
        await AddNode("n1", 4000);
        Start();
        await AddPod("a", 100);
        await Eventually.Holds(() => NodeOf("a") == "n1", "the pod is bound");
        Scheduler.Swap("", null);
        await Eventually.Holds(() => Scheduler.Leases == 0 && old.OpenSessions == 0, "the lease is given back");
    }

    [Fact]
    public async Task ASchedulerThatOvercommitsIsRefused()
    {
        Scheduler.Swap("careless", new ScriptedScheduler((pod, _) => new Placement { PodUid = pod.Uid, NodeName = "n1" }));
        await AddNode("n1", 1000);
        Start();
        for (var i = 0; i < 6; i++)
        {
            await AddPod($"p{i}", 400);
        }

        await Eventually.Holds(() => Bound() == 2, "two pods are bound");
        Time.Advance(TimeSpan.FromSeconds(2));
        await AddPod("small", 100);
        await Eventually.Holds(() => NodeOf("small") == "n1", "the small pod is bound");
        Assert.Equal(3, Bound());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task AFailingSchedulerIsTriedAgainWithTheWholeState(bool throws)
    {
        var fails = 1;
        var scheduler = new ScriptedScheduler((pod, _) => Interlocked.Decrement(ref fails) >= 0
            ? throws ? throw new InvalidOperationException("out of order") : new Placement { PodUid = "another", NodeName = "n1" }
            : new Placement { PodUid = pod.Uid, NodeName = "n1" });
        Scheduler.Swap("shaky", scheduler);
        await AddNode("n1", 1000);
        Start();
        await AddPod("a", 100);
        await Eventually.Holds(() => scheduler is { OpenSessions: 0, Deltas.Count: 1 }, "the session failed and is closed");
        Assert.Equal("", NodeOf("a"));
        await Eventually.Holds(
            () =>
            {
                Time.Advance(TimeSpan.FromSeconds(1));
                return NodeOf("a") == "n1";
            },
            "the pod is placed after the back-off");
        Assert.All(scheduler.Deltas, d => Assert.Equal(0, d.Base));
    }

    [Fact]
    public async Task ASchedulerThatGoesOnFailingIsShownOnItsPodsUntilItWorks()
    {
        var broken = true;
        Scheduler.Swap("shaky", new ScriptedScheduler((pod, _) => Volatile.Read(ref broken)
            ? throw new InvalidOperationException("out of order")
            : new Placement { PodUid = pod.Uid, NodeName = "n1" }));
        await AddNode("n1", 1000);
        Start();
        await AddPod("a", 100);
        const string Message = "scheduler shaky failed 3 times or more in a row, and is asked again; last: out of order";
        await AfterBackOffAsync(() => Events("FailedScheduling").Exists(e => e.Message == Message), "there is an event");
        await Eventually.Holds(() => Scheduled("a") is { Reason: "SchedulerFailed", Message: Message }, "the pod's condition says so");
        await Eventually.Holds(() => Reports.Contains((SchedulerState.Failing, Message)), "the role says so");

        Volatile.Write(ref broken, false);
        await AfterBackOffAsync(() => NodeOf("a") == "n1", "the pod is placed");
        await Eventually.Holds(() => Reports.Last() == (SchedulerState.Working, ""), "the role is well again");
    }

    private Task AfterBackOffAsync(Func<bool> condition, string what) => Eventually.Holds(
        () =>
        {
            Time.Advance(TimeSpan.FromSeconds(1));
            return condition();
        },
        what);

    [Fact]
    public async Task ASchedulerThatHangsIsGivenUpAndAskedAgain()
    {
        using var never = new ManualResetEventSlim();
        var hangs = 1;
        var scheduler = new ScriptedScheduler((pod, _) =>
        {
            if (Interlocked.Decrement(ref hangs) >= 0)
            {
                never.Wait(Token);
            }

            return new Placement { PodUid = pod.Uid, NodeName = "n1" };
        });
        Scheduler.Swap("sleepy", scheduler);
        await AddNode("n1", 1000);
        Start();
        await AddPod("a", 100);
        await Eventually.Holds(
            () =>
            {
                Time.Advance(TimeSpan.FromSeconds(1));
                return NodeOf("a") == "n1";
            },
            "another session places the pod");
        Assert.Equal(2, scheduler.OpenSessions);
        never.Set();
        await Eventually.Holds(() => scheduler.OpenSessions == 1 && Scheduler.Leases == 1, "the session that hung is closed");
    }

    [Fact]
    public async Task ASwapTakesThePodsFromASchedulerThatHangs()
    {
        using var never = new ManualResetEventSlim();
        using var asked = new ManualResetEventSlim();
        Scheduler.Swap("sleepy", new ScriptedScheduler((pod, _) =>
        {
            asked.Set();
            never.Wait(Token);
            return new Placement { PodUid = pod.Uid, NodeName = "n1" };
        }));
        await AddNode("n1", 1000);
        await AddNode("n2", 1000);
        Start();
        await AddPod("a", 100);
        await Eventually.Holds(() => asked.IsSet, "the scheduler is asked");
        Scheduler.Swap("willing", new ScriptedScheduler((pod, _) => new Placement { PodUid = pod.Uid, NodeName = "n2" }));
        await Eventually.Holds(
            () =>
            {
                Time.Advance(TimeSpan.FromSeconds(1));
                return NodeOf("a") == "n2";
            },
            "the new scheduler places the pod");
        never.Set();
        await Eventually.Holds(() => Scheduler.Leases == 1, "the old one is let go");
    }

    [Fact]
    public async Task ABindingThatFailsGivesItsRoomBack()
    {
        var fails = 1;
        Api.Intercept = (_, _, subresource, _) => subresource == "binding" && Interlocked.Decrement(ref fails) >= 0
            ? new ApiException(StatusReason.InternalError, "try later")
            : null;
        Scheduler.Swap("scheduler-binpack", new BinPackScheduler());
        await AddNode("n1", 1000);
        Start();
        await AddPod("a", 1000);
        await Eventually.Holds(
            () =>
            {
                Time.Advance(TimeSpan.FromSeconds(1));
                return NodeOf("a") == "n1";
            },
            "the pod is bound in the end");
    }

    [Fact]
    public async Task APodOfHigherPriorityGoesFirst()
    {
        await AddNode("n1", 1000);
        Start();
        await AddPod("low", 1000);
        await AddPod("high", 1000, pod => pod["spec"]!["priority"] = 10);
        await Eventually.Holds(() => Scheduled("high") is { Reason: "SchedulerUnavailable" }, "both pods wait");
        await Eventually.Holds(() => Scheduled("low") is { Reason: "SchedulerUnavailable" }, "both pods wait");
        Scheduler.Swap("scheduler-binpack", new BinPackScheduler());

        await Eventually.Holds(() => NodeOf("high") == "n1", "the more important pod is bound");
        await Eventually.Holds(() => Scheduled("low") is { Reason: "Unschedulable" }, "the other one is not");
    }
}
