using System.Text.Json.Nodes;
using Modular.Abstractions;
using Modular.ApiMachinery;

namespace Modular.PluginProcess.Tests;

/// <summary>The kinds of Kubernetes in a process of their own, which is killed.</summary>
public sealed class ResourceProcessTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Without_the_process_its_kinds_stay_nothing_is_written_and_then_it_is_there_again()
    {
        await using var test = await PluginUnderTest.StartAsync("resources-kubernetes", isProcess: true);
        var source = test.Provided<IResourceSource>();
        var kinds = await source.GetResourcesAsync(Token);
        var pods = kinds.Single(kind => kind.Resource.Resource == "pods");
        await ConvertAsync(kinds.Single(kind => kind.Resource.Group == "events.k8s.io"));
        Assert.Equal("Burstable", (await PrepareAsync(pods)).GetString("status.qosClass"));
        var pid = test.Pid;
        // A process that is stopped stands for one that is gone: it does not come back before it is told to.
        ProcessSignal.Send(pid, "STOP");
        var asked = PrepareAsync(pods);
        ProcessSignal.Send(pid, "KILL");
        var refused = await Assert.ThrowsAsync<ApiException>(() => asked);
        Assert.Equal((503, 1), (refused.Status.Code, refused.Status.RetryAfterSeconds));
        await test.UntilReplacedAsync(pid);
        Assert.Equal("Burstable", (await PrepareAsync(pods)).GetString("status.qosClass"));
        var again = await source.GetResourcesAsync(Token);
        Assert.NotSame(kinds, again);
        Assert.Equal(kinds.Select(kind => kind.Resource), again.Select(kind => kind.Resource));
        Assert.Equal(1, test.Context.Renewals);
    }

    private static async Task ConvertAsync(ResourceDefinition events)
    {
        Assert.Equal(new GroupVersionResource("", "v1", "events"), events.StoredAs);
        var obj = JsonNode.Parse("""{"apiVersion":"events.k8s.io/v1","kind":"Event","metadata":{"name":"e","namespace":"default"},"note":"well"}""")!.AsObject();
        await events.Rules.ConvertAsync(events, ConversionDirection.ToStored, [obj], Token);
        Assert.Equal(("well", "e"), (obj.GetString("message"), obj.GetString("metadata.name")));
        await events.Rules.ConvertAsync(events, ConversionDirection.FromStored, [obj], Token);
        Assert.Equal("well", obj.GetString("note"));
    }

    private static async Task<JsonObject> PrepareAsync(ResourceDefinition pods)
    {
        var obj = JsonNode.Parse("""
            {"apiVersion":"v1","kind":"Pod","metadata":{"name":"p","namespace":"default"},
             "spec":{"containers":[{"name":"c","image":"host","resources":{"requests":{"cpu":"1"}}}]}}
            """)!.AsObject();
        var context = new StrategyContext { User = new UserInfo("carla"), Resource = pods.Resource, Namespace = "default", Name = "", Now = DateTimeOffset.UnixEpoch };
        var ruling = await pods.Rules.WriteAsync(
            new ResourceWrite { Definition = pods, Context = context, Object = obj, Steps = WriteSteps.Default | WriteSteps.Prepare | WriteSteps.Validate | WriteSteps.Reserve }, Token);
        Assert.Empty(ruling.Errors);
        return obj;
    }
}
