using Modular.Plugins.ResourcesKubernetes.Schemas;

namespace Modular.Plugins.ResourcesKubernetes.Tests;

/// <summary>What the build took from the documentation of a package.</summary>
public sealed class DescriptionTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Nearly_every_field_is_described()
    {
        var descriptions = await new EmbeddedDescriptions().ReadAsync(Token);
        var schemas = TableFixture.Schemas();
        var fields = schemas.Types.SelectMany(type => schemas.OfType(type).Properties.Keys.Select(field => $"{SchemaTable.FullName(type)}.{field}")).ToList();
        // The package is of another release, which has renamed a few.
        Assert.InRange(fields.Count(field => !descriptions.ContainsKey(field)), 0, fields.Count / 200);
    }

    [Theory]
    [InlineData("io.k8s.api.core.v1.Event.reportingComponent")]
    [InlineData("io.k8s.api.core.v1.EndpointPort.appProtocol")]
    [InlineData("io.k8s.api.core.v1.Toleration.operator")]
    [InlineData("io.k8s.api.resource.v1.DeviceAttribute.bool")]
    [InlineData("io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta")]
    [InlineData("io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta.namespace")]
    [InlineData("io.k8s.apimachinery.pkg.api.resource.Quantity")]
    public async Task Names_that_the_package_has_changed_are_found(string name) =>
        Assert.NotEmpty((await new EmbeddedDescriptions().ReadAsync(Token))[name]);

    [Fact]
    public async Task Paragraphs_stay_and_lines_that_were_wrapped_are_joined()
    {
        var text = (await new EmbeddedDescriptions().ReadAsync(Token))["io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta.generateName"];
        var paragraphs = text.Split("\n\n");
        Assert.True(paragraphs.Length > 1);
        Assert.Contains(paragraphs, paragraph => paragraph.Length > 80 && !paragraph.Contains('\n', StringComparison.Ordinal));
    }
}
