using Modular.ApiMachinery;

namespace Modular.Toolkit.Tests;

public sealed class QuotaNamesTests
{
    [Theory]
    [InlineData("count/deployments.apps", "deployments.apps")]
    [InlineData("configmaps", "configmaps")]
    [InlineData("services.nodeports", "services")]
    [InlineData("requests.storage", "persistentvolumeclaims")]
    [InlineData("gold.storageclass.storage.k8s.io/requests.storage", "persistentvolumeclaims")]
    [InlineData("limits.memory", "pods")]
    [InlineData("requests.example.com/dongle", "pods")]
    [InlineData("hugepages-2Mi", "pods")]
    [InlineData("deployments", null)]
    [InlineData("example.com/dongle", null)]
    public void ANameTellsWhatItCounts(string name, string? resource) => Assert.Equal(resource, QuotaNames.ResourceOf(name));

    [Fact]
    public void ObjectsOfEachKindCanBeCounted()
    {
        Assert.Equal("count/jobs.batch", QuotaNames.CountOf(new GroupVersionResource("batch", "v1", "jobs")));
        Assert.False(QuotaNames.HasNameOfItsOwn(new GroupVersionResource("apps", "v1", "services")));
    }
}
