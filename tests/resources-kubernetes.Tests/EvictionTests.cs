using System.Text.Json.Nodes;
using Modular.Plugins.ResourcesKubernetes.Strategies;
using Modular.Testing;

namespace Modular.Plugins.ResourcesKubernetes.Tests;

/// <summary>Evictions: a pod goes if its disruption budget lets it.</summary>
public sealed class EvictionTests
{
    private static readonly GroupVersionResource Budgets = new("policy", "v1", "poddisruptionbudgets");

    private readonly InMemoryApi _api = new InMemoryApi(TimeProvider.System).Serve(Budgets, "PodDisruptionBudget", true);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_pod_that_no_budget_counts_goes_as_was_asked()
    {
        await AddAsync("other", """{"matchLabels":{"app":"db"}}""", 0);
        var answer = await EvictAsync(Pod(), """{"deleteOptions":{"gracePeriodSeconds":3,"propagationPolicy":"Foreground","preconditions":{"resourceVersion":"9"}}}""");
        Assert.Equal(
            new DeleteOptions { GracePeriodSeconds = 3, PropagationPolicy = "Foreground", Uid = "u", ResourceVersion = "9" }, answer.Deletion);
    }

    [Fact]
    public async Task A_budget_is_used_up()
    {
        await AddAsync("web", """{"matchLabels":{"app":"web"}}""", 1);
        Assert.NotNull((await EvictAsync(Pod(), """{"deleteOptions":{"dryRun":["All"]}}""")).Deletion);
        Assert.Equal(1, Status("web").GetInt64("disruptionsAllowed"));
        Assert.NotNull((await EvictAsync(Pod(), "{}")).Deletion);
        Assert.Equal("""{"disruptionsAllowed":0,"observedGeneration":1,"currentHealthy":2,"desiredHealthy":1,"disruptedPods":{"web-1":"2030-05-06T07:08:09Z"}}""", Status("web").ToJsonString());
        var refused = await Assert.ThrowsAsync<ApiException>(async () => await EvictAsync(Pod(), "{}"));
        Assert.Equal((429, "Cannot evict pod as it would violate the pod's disruption budget."), (refused.Status.Code, refused.Message));
        Assert.Equal(new StatusCause("DisruptionBudget", "The disruption budget web needs 1 healthy pods and has 2 currently", ""), Assert.Single(refused.Status.Causes));
    }

    [Fact]
    public async Task What_others_took_meanwhile_is_counted()
    {
        await AddAsync("web", """{"matchLabels":{"app":"web"}}""", 1);
        var taken = false;
        _api.Intercept = (verb, _, _, _) =>
        {
            if (verb != "update" || taken)
            {
                return null;
            }

            taken = true;
            _api.PatchAsync(new ResourceName(Budgets, "garden", "web"), PatchType.Merge, JsonNode.Parse("""{"status":{"disruptionsAllowed":0}}""")!, "status", Token).AsTask().GetAwaiter().GetResult();
            return new ApiException(StatusReason.Conflict, "changed");
        };
        var refused = await Assert.ThrowsAsync<ApiException>(async () => await EvictAsync(Pod(), "{}"));
        Assert.Equal(StatusReason.TooManyRequests, refused.Reason);
    }

    [Theory]
    [InlineData("""{"phase":"Pending"}""", true)]
    [InlineData("""{"phase":"Succeeded"}""", true)]
    [InlineData("""{"phase":"Running"}""", true)]
    [InlineData("""{"phase":"Running","conditions":[{"type":"Ready","status":"True"}]}""", false)]
    public async Task A_pod_that_serves_nobody_needs_no_budget(string status, bool goes)
    {
        await AddAsync("web", """{"matchLabels":{"app":"web"}}""", 0);
        var pod = Pod();
        pod["status"] = JsonNode.Parse(status);
        Assert.Equal(goes, await Record.ExceptionAsync(async () => await EvictAsync(pod, "{}")) is null);
    }

    [Fact]
    public async Task Two_budgets_for_a_pod_are_one_too_many()
    {
        await AddAsync("web", """{"matchLabels":{"app":"web"}}""", 1);
        await AddAsync("all", "{}", 1);
        var refused = await Assert.ThrowsAsync<ApiException>(async () => await EvictAsync(Pod(), "{}"));
        Assert.Equal("This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.", refused.Message);
    }

    [Fact]
    public async Task A_budget_that_nobody_has_looked_at_yet_asks_to_come_again()
    {
        await AddAsync("web", """{"matchLabels":{"app":"web"}}""", 1, observed: 0);
        var refused = await Assert.ThrowsAsync<ApiException>(async () => await EvictAsync(Pod(), "{}"));
        Assert.Equal((429, 10), (refused.Status.Code, refused.Status.RetryAfterSeconds));
    }

    private static JsonObject Pod() => StrategiesFixture.Read("""
        {"metadata":{"name":"web-1","namespace":"garden","uid":"u","labels":{"app":"web"}},
         "status":{"phase":"Running","conditions":[{"type":"Ready","status":"True"}]}}
        """);

    private ValueTask<ActionAnswer> EvictAsync(JsonObject pod, string request) =>
        new PodEvictionAction(new DisruptionBudgets(() => _api)).ApplyAsync(StrategiesFixture.Context, StrategiesFixture.Read(request), pod, Token);

    private async Task AddAsync(string name, string selector, int allowed, int observed = 1) => await _api.CreateAsync(
        Budgets,
        "garden",
        StrategiesFixture.Read($$"""
            {"metadata":{"name":"{{name}}","generation":1},"spec":{"selector":{{selector}} },
             "status":{"disruptionsAllowed":{{allowed}} ,"observedGeneration":{{observed}},"currentHealthy":2,"desiredHealthy":1} }
            """),
        Token);

    private JsonObject Status(string name) => _api.Peek(Budgets, "garden", name)!.ToJsonObject().GetObject("status")!;
}
