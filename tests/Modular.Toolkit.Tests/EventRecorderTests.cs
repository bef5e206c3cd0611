using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Modular.Models;
using Modular.Testing;

namespace Modular.Toolkit.Tests;

public sealed class EventRecorderTests
{
    private static readonly EventOccurrence Crash = new()
    {
        ApiVersion = "v1",
        Kind = "Pod",
        Namespace = "shop",
        Name = "web",
        Uid = "u1",
        FieldPath = "spec.containers{c}",
        Type = "Warning",
        Reason = "BackOff",
        Message = "restarting",
    };

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    [Fact]
    public async Task TheSameAgainCountsUp()
    {
        var api = InMemoryApi.WithCoreKinds(_time);
        await Record(api, Crash, Crash with { Reason = "Pulled", Type = "Normal" }, Crash, Crash);

        var events = api.All(KubernetesResources.Events).Select(e => e.AsEvent()).ToList();
        Assert.Equal(2, events.Count);
        var backOff = Assert.Single(events, e => e.Reason == "BackOff");
        Assert.Equal((3, "Warning", "kubelet", "n1"), (backOff.Count, backOff.Type, backOff.Source.Component, backOff.Source.Host));
        Assert.Equal(("Pod", "web", "u1", "spec.containers{c}"),
            (backOff.InvolvedObject.Kind, backOff.InvolvedObject.Name, backOff.InvolvedObject.Uid, backOff.InvolvedObject.FieldPath));
    }

    [Fact]
    public async Task AnObjectThatReportsTooMuchIsCutShort()
    {
        var api = InMemoryApi.WithCoreKinds(_time);
        await Record(api, [.. Enumerable.Range(0, 100).Select(i => Crash with { Message = $"restarting {i}" })]);
        Assert.Equal(25, api.All(KubernetesResources.Events).Count);
    }

    [Fact]
    public void AfterAWhileThereIsRoomAgainAndTheSameIsANewEvent()
    {
        var aggregation = new EventAggregation("kubelet", "n1", _time);
        for (var i = 0; i < 25; i++)
        {
            Assert.NotNull(aggregation.Place(Crash));
        }

        Assert.Null(aggregation.Place(Crash));
        _time.Advance(TimeSpan.FromMinutes(11));
        Assert.Null(aggregation.Place(Crash)!.Patch);
    }

    [Fact]
    public async Task EventsOfClusterScopedObjectsAreInTheDefaultNamespace()
    {
        var api = InMemoryApi.WithCoreKinds(_time);
        await Record(api, Crash with { Kind = "Node", Namespace = "", Name = "n1" });
        Assert.Equal("default", Assert.Single(api.All(KubernetesResources.Events)).Metadata.Namespace);
    }

    [Fact]
    public async Task AnEventThatExpiredIsMadeAnew()
    {
        var api = InMemoryApi.WithCoreKinds(_time);
        await using var recorder = new EventRecorder(api, "kubelet", _time, NullLogger.Instance, "n1");
        recorder.Record(Crash);
        await Eventually.Holds(() => api.All(KubernetesResources.Events).Count == 1, "the event");
        var made = api.All(KubernetesResources.Events)[0];
        await api.DeleteAsync(
            new Abstractions.ResourceName(KubernetesResources.Events, "shop", made.Metadata.Name), new Abstractions.DeleteOptions(), TestContext.Current.CancellationToken);
        recorder.Record(Crash);
        await Eventually.Holds(() => api.All(KubernetesResources.Events) is [var again] && again.AsEvent().Count == 2, "the event again");
    }

    private async Task Record(InMemoryApi api, params EventOccurrence[] occurrences)
    {
        await using var recorder = new EventRecorder(api, "kubelet", _time, NullLogger.Instance, "n1");
        foreach (var occurrence in occurrences)
        {
            recorder.Record(occurrence);
        }
    }
}
