using System.Text.Json.Nodes;
using Modular.Plugins.ResourcesKubernetes.Allocation;
using Modular.Testing;

namespace Modular.Plugins.ResourcesKubernetes.Tests;

/// <summary>Runs strategies on objects written as JSON, and tells what they said.</summary>
internal static class StrategiesFixture
{
    public static readonly DateTimeOffset Now = new(2030, 5, 6, 7, 8, 9, TimeSpan.Zero);

    public static StrategyContext Context { get; } = new()
    {
        User = new UserInfo("tester"),
        Resource = new GroupVersionResource("", "v1", "pods"),
        Namespace = "garden",
        Name = "web",
        Now = Now,
    };

    /// <summary>The rules of services, with nobody to ask for addresses.</summary>
    public static IResourceStrategy Services { get; } = new Strategies.ServiceStrategy(Allocator);

    public static ServiceAllocator Allocator => new("10.96.0.0/16", TimeProvider.System);

    /// <summary>Disruption budgets of an API that has none.</summary>
    public static Strategies.DisruptionBudgets Budgets => new(() => new InMemoryApi(TimeProvider.System));

    public static JsonObject Read(string json) => JsonNode.Parse(json)!.AsObject();

    /// <summary>A pod with this spec, defaults filled.</summary>
    public static JsonObject Pod(string spec)
    {
        var pod = Read($$"""{"metadata":{"name":"web","namespace":"garden"},"spec":{{spec}}}""");
        Strategies.PodStrategy.Instance.Default(pod);
        return pod;
    }

    /// <summary>What a strategy has against an object, one text per wrong field.</summary>
    public static List<string> Errors(IResourceStrategy strategy, JsonObject obj, JsonObject? old = null, bool allowLoopback = false)
    {
        var errors = new FieldErrors();
        strategy.Validate(Context with { AllowLoopbackEndpoints = allowLoopback }, obj, old, errors);
        return [.. errors.Causes.Select(cause => $"{cause.Field}: {cause.Message}")];
    }

    /// <summary>Expects this one error; none if it is empty.</summary>
    public static void Expect(string error, List<string> errors) => Assert.Equal(error.Length == 0 ? [] : [error], errors);
}
