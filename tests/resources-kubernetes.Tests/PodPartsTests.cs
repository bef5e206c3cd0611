using Modular.Plugins.ResourcesKubernetes.Strategies;

namespace Modular.Plugins.ResourcesKubernetes.Tests;

/// <summary>What of a running pod is changed through subresources of its own.</summary>
public sealed class PodPartsTests
{
    private const string Old = """{"containers":[{"name":"a","image":"i","resources":{"requests":{"cpu":"1"}}}],"ephemeralContainers":[{"name":"e","image":"i"}]}""";

    [Theory]
    [InlineData("""[{"name":"e","image":"i"},{"name":"f","image":"i","targetContainerName":"a"}]""", "")]
    [InlineData("[]", "spec.ephemeralContainers: Forbidden: existing ephemeral containers \"e\" may not be removed")]
    [InlineData("""[{"name":"e","image":"j"}]""", "spec.ephemeralContainers: Forbidden: existing ephemeral containers \"e\" may not be changed")]
    [InlineData("""[{"name":"e","image":"i"},{"name":"a","image":"i"}]""", "spec.ephemeralContainers[1].name: Duplicate value: \"a\"")]
    [InlineData(
        """[{"name":"e","image":"i"},{"name":"f","image":"i","targetContainerName":"x"}]""", "spec.ephemeralContainers[1].targetContainerName: Not found: \"x\"")]
    [InlineData(
        """[{"name":"e","image":"i"},{"name":"f","image":"i","ports":[{"containerPort":80,"protocol":"TCP"}]}]""",
        "spec.ephemeralContainers[1].ports: Forbidden: cannot be set for an Ephemeral Container")]
    public void Containers_are_added_to_look_into_a_pod_and_stay(string containers, string error) =>
        Expect("ephemeralcontainers", $$"""{"containers":[{"name":"a","image":"i","resources":{"requests":{"cpu":"1"} } }],"ephemeralContainers":{{containers}} }""", error);

    [Theory]
    [InlineData("""{"requests":{"cpu":"2"}}""", "")]
    [InlineData("""{"requests":{}}""", "spec.containers[0].resources.requests: Forbidden: resource requests cannot be removed|spec: Invalid value: \"BestEffort\": Pod QOS Class may not change as a result of resizing")]
    [InlineData("""{"requests":{"cpu":"1","example.com/x":"1"},"limits":{"example.com/x":"1"}}""", "spec: Forbidden: only cpu and memory resources are mutable")]
    [InlineData("""{"limits":{"cpu":"1","memory":"1"},"requests":{"cpu":"1","memory":"1"}}""", "spec: Invalid value: \"Guaranteed\": Pod QOS Class may not change as a result of resizing")]
    public void What_containers_ask_for_changes_within_their_class(string resources, string error) =>
        Expect("resize", $$"""{"containers":[{"name":"a","image":"i","resources":{{resources}} }],"ephemeralContainers":[{"name":"e","image":"i"}]}""", error);

    [Fact]
    public void None_are_there_from_the_beginning() => Assert.Equal(
        ["spec.ephemeralContainers: Forbidden: cannot be set on create"],
        StrategiesFixture.Errors(PodStrategy.Instance, StrategiesFixture.Pod("""{"containers":[{"name":"a","image":"i"}],"ephemeralContainers":[{"name":"e","image":"i"}]}""")));

    private static void Expect(string subresource, string spec, string error)
    {
        var errors = new FieldErrors();
        PodStrategy.Instance.Validate(StrategiesFixture.Context with { Subresource = subresource }, StrategiesFixture.Pod(spec), StrategiesFixture.Pod(Old), errors);
        Assert.Equal(
            error.Split('|', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal),
            errors.Causes.Select(cause => $"{cause.Field}: {cause.Message}").Distinct().Order(StringComparer.Ordinal));
    }
}
