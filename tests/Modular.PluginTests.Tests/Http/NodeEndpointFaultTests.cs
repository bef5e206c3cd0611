using Microsoft.AspNetCore.Http;
using Modular.Abstractions.Http;
using Modular.ApiMachinery;

namespace Modular.PluginTests.Tests;

/// <summary>Each rule that a node's endpoint breaks is caught by the test for it; one that breaks none passes.</summary>
public sealed class NodeEndpointFaultTests
{
    private static readonly Dictionary<string, Func<INodeEndpoint>> Faults = new(StringComparer.Ordinal)
    {
        [nameof(NodeEndpointTests.ItsNodeHasANameAndKeepsIt)] = () => new Node { NodeName = "Node 1" },
        [nameof(NodeEndpointTests.ANodeThatAnswersIsHealthy)] = () => new Node { IsHealthy = false },
        [nameof(NodeEndpointTests.WhatIsNotThereIsNotFound)] = () => new Node { IsAnythingThere = true },
        [nameof(NodeEndpointTests.NonsenseHarmsNothing)] = () => new Node { KnowsMethods = false },
        [nameof(NodeEndpointTests.ManyMayAskAtOnce)] = () => new Node { MixesUp = true },
        [nameof(NodeEndpointTests.AFollowedLogEndsWithItsReader)] = () => new Node { FollowsForEver = true },
    };

    public static TheoryData<string> Tests => [.. ContractTestRun.TestsOf(typeof(NodeEndpointTests))];

    [Theory]
    [MemberData(nameof(Tests))]
    public async Task A_broken_rule_is_caught(string test) => Assert.NotNull(await ContractTestRun.RunAsync(test, () => new TestsOf(Faults[test](), TimeSpan.FromSeconds(2))));

    [Theory]
    [MemberData(nameof(Tests))]
    public async Task A_sound_node_passes(string test) => Assert.Null(await ContractTestRun.RunAsync(test, () => new TestsOf(new Node(), TimeSpan.FromSeconds(30))));

    private sealed class Node : INodeEndpoint
    {
        private int _asked;

        public string NodeName { get; init; } = "node-1";

        public bool IsHealthy { get; init; } = true;

        public bool IsAnythingThere { get; init; }

        public bool KnowsMethods { get; init; } = true;

        public bool MixesUp { get; init; }

        public bool FollowsForEver { get; init; }

        public async Task HandleAsync(HttpContext context)
        {
            var path = context.Request.Path.Value;
            if (!KnowsMethods && context.Request.Method == "ODD")
            {
                throw new InvalidOperationException("ODD is no method");
            }

            if (path == "/log")
            {
                await context.Response.Body.FlushAsync();
                await Task.Delay(Timeout.Infinite, FollowsForEver ? CancellationToken.None : context.RequestAborted);
            }
            else if (path == "/healthz" && !(MixesUp && Interlocked.Increment(ref _asked) > 8))
            {
                context.Response.StatusCode = IsHealthy ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
            }
            else if (!IsAnythingThere)
            {
                throw new ApiException(StatusReason.NotFound, "there is no such thing");
            }
        }
    }

    private sealed class TestsOf(INodeEndpoint endpoint, TimeSpan patience) : NodeEndpointTests
    {
        protected override string? FollowedLog => "/log";

        protected override TimeSpan Patience => patience;

        protected override ValueTask<INodeEndpoint> StartAsync() => new(endpoint);
    }
}
