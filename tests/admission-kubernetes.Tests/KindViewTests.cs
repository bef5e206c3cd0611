using Microsoft.Extensions.Time.Testing;
using Modular.Plugins.Controllers.Tests;
using Modular.Testing;

namespace Modular.Plugins.AdmissionKubernetes.Tests;

public sealed class KindViewTests : IAsyncDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly TestPluginContext _context;
    private readonly KindView _view;

    public KindViewTests()
    {
        // No API ever answers.
        _context = new TestPluginContext("admission-kubernetes", null, _time);
        _view = new KindView(_context, KubernetesResources.LimitRanges);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await _view.DisposeAsync();
        _context.Dispose();
    }

    [Fact]
    public async Task WhatIsNotKnownIsWaitedForOnceAndThenRefusesAtOnce()
    {
        _view.Start();
        var waiting = _view.ListAsync("shop", Token).AsTask();
        Assert.False(waiting.IsCompleted);
        await Eventually.Holds(
            () =>
            {
                _time.Advance(TimeSpan.FromSeconds(1));
                return waiting.IsCompleted;
            },
            "the wait ends");
        foreach (var asked in new[] { waiting, _view.ListAsync("shop", Token).AsTask() })
        {
            Assert.True(asked.IsFaulted);
            var refused = await Assert.ThrowsAsync<ApiException>(() => asked);
            Assert.Equal((StatusReason.ServiceUnavailable, "admission does not know the limitranges yet, so nothing is written"), (refused.Reason, refused.Message));
        }
    }
}
