using System.Text.Json.Nodes;
using Modular.Abstractions;
using Modular.ApiMachinery;
using Rules = Modular.PluginTests.Tests.FaultyKinds.Rules;

namespace Modular.PluginTests.Tests;

/// <summary>Each rule that a resource source breaks is caught by the test for it; one that breaks none passes.</summary>
public sealed class ResourceSourceFaultTests
{
    private static readonly Dictionary<string, Func<IResourceSource>> Faults = new(StringComparer.Ordinal)
    {
        [nameof(ResourceSourceTests.EachKindHasNamesOfItsOwn)] = () => new FaultyKinds(kind => [kind, kind]),
        [nameof(ResourceSourceTests.TheKindOfNamespacesLivesInNone)] = () => new FaultyKinds(kind => [kind with { IsNamespaceKind = true }]),
        [nameof(ResourceSourceTests.EachSchemaIsOfAnObject)] = () => new FaultyKinds(kind => [kind with { Schema = new Schema { Type = SchemaType.Any } }]),
        [nameof(ResourceSourceTests.TheKindsStayTheSame)] = Growing,
        [nameof(ResourceSourceTests.DefaultingTwiceChangesNothing)] = () => Ruled(new Rules { OnDefault = obj => obj.Set("spec.size", (obj.GetInt64("spec.size") ?? 0) + 1) }),
        [nameof(ResourceSourceTests.ValidationChangesNothing)] = () => Ruled(new Rules { OnValidate = (obj, _) => obj.Remove("spec") }),
        [nameof(ResourceSourceTests.TheStoredObjectIsLeftAlone)] = () => Ruled(new Rules { OnOld = old => old.Set("status.seen", true) }),
        [nameof(ResourceSourceTests.WhatIsTheServersStaysAsItIs)] = () => Ruled(new Rules { OnPrepare = obj => obj.Set("metadata.uid", "mine") }),
        [nameof(ResourceSourceTests.WhatIsWrongIsToldByField)] = () => Ruled(new Rules { OnValidate = (_, errors) => errors.Invalid("", 1, "is wrong") }),
        [nameof(ResourceSourceTests.TablesHaveACellForEachColumn)] = () => new FaultyKinds(kind => [kind with { Table = new FaultyKinds.Sizes(_ => new JsonObject()) }]),
        [nameof(ResourceSourceTests.DescriptionsAreOfItsSchemas)] = () => new FaultyKinds(kind => [kind with { Descriptions = new FaultyKinds.OfSomethingElse() }]),
        [nameof(ResourceSourceTests.AConvertedObjectIsTheSameOne)] = () => new FaultyKinds(kind => [kind, FaultyKinds.Newer(kind, obj => obj.Set("metadata.uid", "mine"))]),
        [nameof(ResourceSourceTests.ADeletionHasATime)] = () => Ruled(new Rules { Grace = -1 }),
    };

    public static TheoryData<string> Tests => [.. ContractTestRun.TestsOf(typeof(ResourceSourceTests))];

    [Theory]
    [MemberData(nameof(Tests))]
    public async Task A_broken_rule_is_caught(string test) => Assert.NotNull(await ContractTestRun.RunAsync(test, () => new TestsOf(Faults[test]())));

    [Theory]
    [MemberData(nameof(Tests))]
    public async Task A_sound_source_passes(string test) => Assert.Null(await ContractTestRun.RunAsync(test, () => new TestsOf(new FaultyKinds(kind => [kind, FaultyKinds.Newer(kind, _ => { })]))));

    [Fact]
    public async Task A_rule_that_throws_is_caught_with_the_object_it_threw_for()
    {
        var caught = await ContractTestRun.RunAsync(
            nameof(ResourceSourceTests.WhatIsWrongIsToldByField), () => new TestsOf(Ruled(new Rules { OnValidate = (_, _) => throw new FormatException("broken") })));
        Assert.Contains($"{FaultyKinds.Sound.Resource} failed for {{", caught!.Message, StringComparison.Ordinal);
    }

    private static FaultyKinds Ruled(Rules rules) => new(kind => [kind with { Strategy = rules }]);

    private static FaultyKinds Growing()
    {
        var asked = 0;
        return new(kind => Enumerable.Range(0, ++asked).Select(i => kind with { Resource = kind.Resource with { Resource = $"widgets{(char)('a' + i)}" }, Kind = kind.Kind with { Kind = $"Widget{i}" } }));
    }

    private sealed class TestsOf(IResourceSource source) : ResourceSourceTests
    {
        protected override ValueTask<IResourceSource> StartAsync() => new(source);
    }
}
