using System.Globalization;
using System.Text.Json.Nodes;
using Modular.Abstractions;
using Modular.Plugins.SchedulerBinpack;
using Modular.Plugins.Scheduling.Trials;
using Modular.Testing;

namespace Modular.Plugins.Scheduling.Tests;

public sealed class TrialTests : DriverScene
{
    private static readonly Trial Shadow = new(TrialMode.Shadow);
    private static readonly Trial Canary = new(TrialMode.Canary) { Selector = "app=web" };

    [Fact]
    public async Task AShadowDecidesNothingAndIsComparedWithTheLiveScheduler()
    {
        Scheduler.Swap("live", On("n1"));
        Candidates.Put("shadow", new ScriptedScheduler((pod, _) => Place(pod, pod.Name == "same" ? "n1" : "n2")), Shadow);
        await AddNode("n1", 4000);
        await AddNode("n2", 4000);
        await AddNode("n3", 4000);
        Start();
        await AddPod("same", 1000);
        await AddPod("other", 1000);
        await Eventually.Holds(() => NodeOf("same") == "n1" && NodeOf("other") == "n1", "the live scheduler decides");
        await CountsAsync("shadow", "live", "placed", 2);
        await CountsAsync("shadow", "candidate", "placed", 2);

        var report = Report("shadow");
        Assert.Equal(2, (long)report["compared"]!);
        Assert.Equal(1, (long)report["sameNode"]!);
        Assert.Equal("default/other", (string)report["differences"]![0]!["pod"]!);
        Assert.Equal(("n1", "n2"), ((string)report["differences"]![0]!["live"]!, (string)report["differences"]![0]!["candidate"]!));
        Assert.Equal((1, 50), (Figure("shadow", "live", "nodesUsed"), Figure("shadow", "live", "cpuPercent")));
        Assert.Equal((2, 25), (Figure("shadow", "candidate", "nodesUsed"), Figure("shadow", "candidate", "cpuPercent")));
        Assert.Equal(("live", "scheduler-shadow"), ((string)report["live"]!["scheduler"]!, (string)report["candidate"]!["scheduler"]!));

        Candidates.Remove("shadow");
        await Eventually.Holds(() => Candidates.Leases == 0, "the trial has ended");
        var recorded = File.ReadAllLines(Path.Combine(TrialDirectory, "shadow.jsonl"));
        Assert.Equal(2, recorded.Length);
        Assert.Contains(recorded, line => line.Contains("\"name\":\"other\"", StringComparison.Ordinal)
            && line.Contains("\"live\":\"n1\",\"candidate\":\"n2\"", StringComparison.Ordinal));
    }

    [Fact]
    public async Task AShadowLivesInAWorldOfItsOwn()
    {
        Scheduler.Swap("live", On("n1"));
        await AddNode("n1", 2000);
        await AddNode("n2", 1000);
        Start();
        await AddPod("early", 500);
        await Eventually.Holds(() => NodeOf("early") == "n1", "a pod is there before the trial");
        var shadow = new ScriptedScheduler((pod, _) => Place(pod, "n2"));
        Candidates.Put("shadow", shadow, Shadow);
        await Eventually.Holds(() => Candidates.Leases == 1, "the trial has begun");
        await AddPod("first", 600);
        await CountsAsync("shadow", "candidate", "placed", 1);
        await AddPod("second", 400);
        await CountsAsync("shadow", "candidate", "placed", 2);
        await CountsAsync("shadow", "live", "placed", 2);

        // It knows the pod that was there before, and is never told that its own are elsewhere.
        Assert.Equal(["early"], shadow.Deltas.SelectMany(d => d.Pods).Select(p => p.Name));
        // Both of its pods are gone from its world when they are gone from the cluster.
        await Api.DeleteAsync(Name("first"), new DeleteOptions { GracePeriodSeconds = 0 }, Token);
        await Api.DeleteAsync(Name("second"), new DeleteOptions { GracePeriodSeconds = 0 }, Token);
        await AddPod("third", 1000);
        await CountsAsync("shadow", "candidate", "placed", 3);
        Assert.Empty(Candidates.Rejections);
    }

    [Fact]
    public async Task APodThatTheLiveSchedulerNeverPlacedLeavesTheShadowsWorldToo()
    {
        Scheduler.Swap("live", new ScriptedScheduler((pod, _) => Place(pod, pod.Name == "small" ? "n1" : "")));
        Candidates.Put("shadow", On("n1"), Shadow);
        await AddNode("n1", 1000);
        Start();
        await AddPod("refused", 1000);
        await CountsAsync("shadow", "candidate", "placed", 1);
        await Eventually.Holds(() => Scheduled("refused") is { Reason: "Unschedulable" }, "the live scheduler has refused it");
        await Api.DeleteAsync(Name("refused"), new DeleteOptions { GracePeriodSeconds = 0 }, Token);
        await AddPod("small", 1000);
        await Eventually.Holds(() => NodeOf("small") == "n1", "the next one is placed");
        await CountsAsync("shadow", "candidate", "placed", 2);
        Assert.Empty(Candidates.Rejections);
    }

    [Fact]
    public async Task ACanaryPlacesThePodsItsSelectorNames()
    {
        Scheduler.Swap("live", On("n1"));
        Candidates.Put("canary", On("n2"), Canary);
        await AddNode("n1", 4000);
        await AddNode("n2", 4000);
        Start();
        await Eventually.Holds(() => Candidates.Leases == 1, "the trial has begun");
        await AddPod("plain", 100);
        await AddWeb("web");
        await Eventually.Holds(() => NodeOf("plain") == "n1" && NodeOf("web") == "n2", "each decides its own");
        await Eventually.Holds(() => Events("Scheduled").Count == 2, "there are events");
        Assert.Contains(Events("Scheduled"), e => e.Message == "Successfully assigned default/web to n2 by scheduler-canary");
        await CountsAsync("canary", "candidate", "placed", 1);
        await CountsAsync("canary", "live", "placed", 1);

        Candidates.Remove("canary");
        await Eventually.Holds(() => Candidates.Leases == 0, "the trial has ended");
        await AddWeb("later");
        await Eventually.Holds(() => NodeOf("later") == "n1", "the live scheduler has them all again");
    }

    [Fact]
    public async Task WhatTheLiveSchedulerDidIsReportedWithoutWaitingForTheCandidate()
    {
        Scheduler.Swap("live", On("n1"));
        Candidates.Put("canary", On("n2"), Canary);
        await AddNode("n1", 4000);
        await AddNode("n2", 4000);
        Start();
        await Eventually.Holds(() => Candidates.Leases == 1, "the trial has begun");
        await AddWeb("web");
        await CountsAsync("canary", "candidate", "placed", 1);
        await AddPod("plain", 100);
        await CountsAsync("canary", "live", "placed", 1);
    }

    [Fact]
    public async Task WhatACanaryCanNotPlaceTheLiveSchedulerIsAskedFor()
    {
        Scheduler.Swap("live", On("n1"));
        Candidates.Put("canary", new ScriptedScheduler((pod, _) => Place(pod, "")), Canary);
        await AddNode("n1", 4000);
        Start();
        await Eventually.Holds(() => Candidates.Leases == 1, "the trial has begun");
        await AddWeb("web");
        await Eventually.Holds(() => NodeOf("web") == "n1", "the pod runs nevertheless");
        await CountsAsync("canary", "candidate", "notPlaced", 1);
    }

    [Fact]
    public async Task ACanaryThatThrowsCostsNoPodAndIsRolledBack()
    {
        Scheduler.Swap("live", On("n1"));
        Candidates.Put("canary", new ScriptedScheduler((_, _) => throw new InvalidOperationException("out of order")), Canary);
        await AddNode("n1", 4000);
        Start();
        await Eventually.Holds(() => Candidates.Leases == 1, "the trial has begun");
        for (var i = 0; i < 3; i++)
        {
            await AddWeb($"web-{i}");
            await Eventually.Holds(() => NodeOf($"web-{i}") == "n1", "the live scheduler places it");
            Time.Advance(TimeSpan.FromMinutes(1));
        }

        await Eventually.Holds(() => Candidates.Rejections.Count == 1, "the candidate is rolled back");
        var rejection = Assert.Single(Candidates.Rejections);
        Assert.Equal("Failures", rejection.Reason);
        Assert.Equal("scheduler-canary failed 3 times, for 100 % of the pods; last: out of order", rejection.Message);
        await Eventually.Holds(() => Candidates.Leases == 0, "it is let go");
    }

    [Fact]
    public async Task AFailureInTwentyPodsIsBorne()
    {
        var asked = 0;
        Scheduler.Swap("live", On("n1"));
        Candidates.Put("canary", new ScriptedScheduler((pod, _) => Interlocked.Increment(ref asked) % 25 == 24 ? throw new InvalidOperationException("hiccup") : Place(pod, "n2")), Canary);
        await AddNode("n1", 400_000);
        await AddNode("n2", 400_000);
        Start();
        await Eventually.Holds(() => Candidates.Leases == 1, "the trial has begun");
        for (var i = 0; i < 100; i++)
        {
            await AddWeb($"web-{i}");
            await Eventually.Holds(() => NodeOf($"web-{i}").Length > 0, "the pod is placed");
            Time.Advance(TimeSpan.FromMinutes(1));
        }

        await CountsAsync("canary", "candidate", "failures", 4);
        Assert.Empty(Candidates.Rejections);
    }

    [Theory]
    [InlineData(TrialMode.Canary)]
    [InlineData(TrialMode.Shadow)]
    public async Task ACandidateThatStallsIsRolledBackAndHoldsNobodyUp(TrialMode mode)
    {
        using var never = new ManualResetEventSlim();
        using var asked = new ManualResetEventSlim();
        Scheduler.Swap("live", On("n1"));
        var stalling = new ScriptedScheduler((pod, _) =>
        {
            asked.Set();
            never.Wait(Token);
            return Place(pod, "n1");
        });
        Candidates.Put("slow", stalling, Canary with { Mode = mode });
        await AddNode("n1", 4000);
        Start();
        await Eventually.Holds(() => Candidates.Leases == 1, "the trial has begun");
        await AddWeb("web");
        await Eventually.Holds(() => asked.IsSet, "the candidate is asked");
        await AddPod("plain", 100);
        await AddWeb("behind");
        await Eventually.Holds(() => NodeOf("plain") == "n1", "others are not held up");
        Assert.Equal(mode == TrialMode.Shadow, NodeOf("web") == "n1");
        await Eventually.Holds(
            () =>
            {
                Time.Advance(TimeSpan.FromSeconds(1));
                return NodeOf("web") == "n1" && NodeOf("behind") == "n1" && !Candidates.Rejections.IsEmpty;
            },
            "the live scheduler takes over");
        Assert.Equal(("Stalled", "scheduler-slow did not place 1 pods: no answer within 5 s"), Assert.Single(Candidates.Rejections));
        never.Set();
        await Eventually.Holds(() => Candidates.Leases == 0, "it is let go");
    }

    [Theory]
    [InlineData(TrialMode.Canary)]
    [InlineData(TrialMode.Shadow)]
    public async Task ACandidateThatOvercommitsIsRolledBackAtOnce(TrialMode mode)
    {
        Scheduler.Swap("live", On("n1"));
        Candidates.Put("careless", On("n2"), Canary with { Mode = mode });
        await AddNode("n1", 4000);
        await AddNode("n2", 150);
        Start();
        await Eventually.Holds(() => Candidates.Leases == 1, "the trial has begun");
        await AddWeb("first");
        await CountsAsync("careless", "candidate", "placed", 1);
        await AddWeb("second");
        await Eventually.Holds(() => NodeOf("second") == "n1", "the live scheduler places it");
        await Eventually.Holds(() => Candidates.Leases == 0, "the candidate is let go");
        Assert.Equal(("Overcommitted", "scheduler-careless put pod default/second on node n2, where it does not fit"), Assert.Single(Candidates.Rejections));
        await CountsAsync("careless", "candidate", "overcommitted", 1);
    }

    [Fact]
    public async Task ACanaryIsNotBlamedForRoomThatOthersTookMeanwhile()
    {
        using var go = new ManualResetEventSlim();
        using var asked = new ManualResetEventSlim();
        var answers = 0;
        Scheduler.Swap("live", On("n1"));
        var canary = new ScriptedScheduler((pod, _) =>
        {
            asked.Set();
            go.Wait(Token);
            return Place(pod, Interlocked.Increment(ref answers) == 1 ? "n1" : "n2");
        });
        Candidates.Put("canary", canary, Canary);
        await AddNode("n1", 100);
        await AddNode("n2", 100);
        Start();
        await Eventually.Holds(() => Candidates.Leases == 1, "the trial has begun");
        await AddWeb("web");
        await Eventually.Holds(() => asked.IsSet, "the canary is asked");
        await AddPod("quick", 100);
        await Eventually.Holds(() => NodeOf("quick") == "n1", "the live scheduler takes the room");
        go.Set();
        await Eventually.Holds(() => NodeOf("web") == "n2", "the canary finds another node");
        Assert.Empty(Candidates.Rejections);
        Assert.Contains(canary.Deltas.SelectMany(d => d.Pods), p => p.Name == "quick");
    }

    [Fact]
    public async Task APodThatGoesWhileACanaryThinksTakesNoRoom()
    {
        using var go = new ManualResetEventSlim();
        using var asked = new ManualResetEventSlim();
        Scheduler.Swap("live", On("n1"));
        var canary = new ScriptedScheduler((pod, _) =>
        {
            asked.Set();
            go.Wait(Token);
            return Place(pod, "n2");
        });
        Candidates.Put("canary", canary, Canary);
        await AddNode("n1", 100);
        await AddNode("n2", 100);
        Start();
        await Eventually.Holds(() => Candidates.Leases == 1, "the trial has begun");
        await AddWeb("web");
        await Eventually.Holds(() => asked.IsSet, "the canary is asked");
        await Api.DeleteAsync(Name("web"), new DeleteOptions { GracePeriodSeconds = 0 }, Token);
        await AddPod("mark", 100);
        await Eventually.Holds(() => NodeOf("mark") == "n1", "the driver has heard of it");
        go.Set();
        await AddWeb("next");
        await Eventually.Holds(() => NodeOf("next") == "n2", "the room is free");
        Assert.Empty(Candidates.Rejections);
    }

    [Fact]
    public async Task ACanaryWithAProcessThatWasStartedAgainGetsTheWholeState()
    {
        var fails = 1;
        Scheduler.Swap("live", On("n1"));
        var canary = new ScriptedScheduler((pod, _) => Interlocked.Decrement(ref fails) == 0 ? throw new InvalidOperationException("killed") : Place(pod, "n2"));
        Candidates.Put("canary", canary, Canary);
        await AddNode("n1", 4000);
        await AddNode("n2", 4000);
        Start();
        await Eventually.Holds(() => Candidates.Leases == 1, "the trial has begun");
        await AddWeb("first");
        await Eventually.Holds(() => NodeOf("first") == "n1", "the live scheduler places it");
        Time.Advance(TimeSpan.FromMinutes(1));
        await AddWeb("second");
        await Eventually.Holds(() => NodeOf("second") == "n2", "the canary is back");
        Assert.All(canary.Deltas, d => Assert.Equal(0, d.Base));
        Assert.Equal(["first"], canary.Deltas.Last().Pods.Select(p => p.Name));
    }

    [Fact]
    public void SharesAreWhatTheySay()
    {
        var random = new Random(7);
        var bytes = new byte[16];
        var hits = 0;
        for (var i = 0; i < 10_000; i++)
        {
            random.NextBytes(bytes);
            var uid = new Guid(bytes).ToString();
            Assert.Equal(PodShare.Of(uid), PodShare.Of(uid));
            hits += PodShare.Of(uid) < 20 ? 1 : 0;
        }

        Assert.InRange(hits, 1800, 2200);
    }

    [Fact]
    public async Task AShareOfThePodsGoesToTheCanary()
    {
        Scheduler.Swap("live", On("n1"));
        Candidates.Put("canary", new BinPackScheduler(), new Trial(TrialMode.Canary) { Share = 50 });
        await AddNode("n1", 4_000_000, node => node["status"]!["allocatable"]!["pods"] = "1000");
        Start();
        await Eventually.Holds(() => Candidates.Leases == 1, "the trial has begun");
        for (var i = 0; i < 40; i++)
        {
            await AddPod($"p-{i}", 10);
        }

        await Eventually.Holds(() => Bound() == 40, "all are placed");
        await Eventually.Holds(
            () =>
            {
                Time.Advance(TimeSpan.FromSeconds(1));
                return Figure("canary", "candidate", "placed") > 0 && Figure("canary", "live", "placed") > 0;
            },
            "both had some");
    }

    private static ScriptedScheduler On(string node) => new((pod, _) => Place(pod, node));

    private static Placement Place(SchedulingPod pod, string node) => new() { PodUid = pod.Uid, NodeName = node };

    private Task AddWeb(string name) =>
        AddPod(name, 100, pod => pod["metadata"]!["labels"] = new JsonObject { ["app"] = "web" });

    private JsonObject Report(string candidate) => Candidates.Reports[candidate];

    private long? Figure(string candidate, string side, string figure) =>
        Candidates.Reports.GetValueOrDefault(candidate)?[side]?[figure] is { } value ? long.Parse(value.ToJsonString(), CultureInfo.InvariantCulture) : null;

    private Task CountsAsync(string candidate, string side, string figure, int count) => Eventually.Holds(
        () =>
        {
            Time.Advance(TimeSpan.FromSeconds(1));
            return Figure(candidate, side, figure) == count;
        },
        $"{figure} of {side} is {count}");
}
