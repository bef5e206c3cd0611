using Microsoft.AspNetCore.Http;
using Modular.Abstractions.Http;

namespace Modular.PluginTests.Tests;

/// <summary>Each rule that a plugin breaks which serves paths is caught by the test for it; one that breaks none passes.</summary>
public sealed class HttpEndpointsFaultTests
{
    private static readonly Dictionary<string, Func<IHttpEndpoints>> Faults = new(StringComparer.Ordinal)
    {
        [nameof(HttpEndpointsTests.ItsPathsAreItsOwnAndStayTheSame)] = () => new Endpoints(prefix: "/apis/mine"),
        [nameof(HttpEndpointsTests.WhatItServesIsAnswered)] = () => new Endpoints(context => throw new InvalidOperationException("it is lost")),
        [nameof(HttpEndpointsTests.NonsenseHarmsNothing)] = () => new Endpoints(context => context.Response.WriteAsync($"{int.Parse(context.Request.Query["tailLines"].FirstOrDefault() is "-1" ? "?" : "0", System.Globalization.CultureInfo.InvariantCulture)}")),
        [nameof(HttpEndpointsTests.ManyMayAskAtOnce)] = () => new OneAtATime(),
        [nameof(HttpEndpointsTests.ARequestEndsWithItsClient)] = () => new Endpoints(context => context.Request.Method == "POST" ? Task.Delay(Timeout.Infinite) : Task.CompletedTask),
    };

    public static TheoryData<string> Tests => [.. ContractTestRun.TestsOf(typeof(HttpEndpointsTests))];

    [Theory]
    [MemberData(nameof(Tests))]
    public async Task A_broken_rule_is_caught(string test) => Assert.NotNull(await ContractTestRun.RunAsync(test, () => new TestsOf(Faults[test](), TimeSpan.FromSeconds(2))));

    [Theory]
    [MemberData(nameof(Tests))]
    public async Task A_sound_plugin_passes(string test) => Assert.Null(await ContractTestRun.RunAsync(test, () => new TestsOf(new Endpoints(), TimeSpan.FromSeconds(30))));

    private class Endpoints(Func<HttpContext, Task>? handle = null, string prefix = "/mine") : IHttpEndpoints
    {
        public IReadOnlyList<string> Prefixes => [prefix];

        public virtual Task HandleAsync(HttpContext context) => handle?.Invoke(context) ?? context.Response.WriteAsync("ok");
    }

    /// <summary>Refuses whoever comes while it answers another, which it does once a second one is there.</summary>
    private sealed class OneAtATime : Endpoints
    {
        private readonly TaskCompletionSource _second = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _asked;

        public override async Task HandleAsync(HttpContext context)
        {
            switch (Interlocked.Increment(ref _asked))
            {
                case 1:
                    break;
                case 2:
                    await _second.Task;
                    break;
                default:
                    context.Response.StatusCode = StatusCodes.Status429TooManyRequests;
                    _second.TrySetResult();
                    break;
            }
        }
    }

    private sealed class TestsOf(IHttpEndpoints endpoints, TimeSpan patience) : HttpEndpointsTests
    {
        protected override TimeSpan Patience => patience;

        protected override ValueTask<IHttpEndpoints> StartAsync() => new(endpoints);
    }
}
