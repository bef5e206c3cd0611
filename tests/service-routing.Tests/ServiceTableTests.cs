using System.Globalization;
using System.Text.Json.Nodes;
using Modular.ApiMachinery;

namespace Modular.Plugins.ServiceRouting.Tests;

public sealed class ServiceTableTests
{
    private const string Port80 = """[{"name":"","port":8080,"protocol":"TCP"}]""";
    private readonly ServiceTable _table = new();

    [Fact]
    public void NothingIsSaidBeforeBothSourcesAreComplete()
    {
        _table.PutService(Web("u1"));
        Assert.Null(_table.Since(0));
        _table.Complete();
        Assert.Null(_table.Since(0));
        _table.Complete();
        Assert.Single(_table.Since(0)!.Services);
    }

    [Fact]
    public void OnlyWhatChangedSinceIsSaid()
    {
        var start = Complete(Web("u1"), Service("other", "u2"));
        _table.PutSlice(Slice("s1", "web", "127.64.0.2"));
        _table.PutSlice(Slice("s2", "web", "127.64.0.3"));

        var delta = _table.Since(start)!;

        Assert.Equal(start, delta.Base);
        var service = Assert.Single(delta.Services);
        Assert.Equal(["127.64.0.2", "127.64.0.3"], service.Ports[0].Endpoints.Select(endpoint => endpoint.Address));
        Assert.Empty(delta.Removed);
        Assert.Equal(2, _table.Since(0)!.Services.Count);
    }

    [Fact]
    public void ChangesThatMeanNothingHereAreNoNews()
    {
        var start = Complete(Web("u1"));
        var annotated = Cluster.Service("web", """{"clusterIP":"127.128.0.5","ports":[{"port":80}]}""", """{"a":"b"}""");
        _table.PutService(Cluster.Stored(annotated, "u1"));

        Assert.Equal(start, _table.Since(start)!.Revision);
    }

    [Fact]
    public void AServiceThatCameAgainIsAnotherOne()
    {
        var start = Complete(Web("u1"));
        _table.RemoveService(Web("u1"));
        _table.PutService(Web("u2"));

        var delta = _table.Since(start)!;

        Assert.Equal(["u1"], delta.Removed);
        Assert.Equal("u2", Assert.Single(delta.Services).Uid);
        Assert.Null(_table.Find("u1"));
        Assert.NotNull(_table.Find("u2"));
    }

    [Fact]
    public void ASliceThatMovesToAnotherServiceLeavesTheFirst()
    {
        var start = Complete(Web("u1"), Service("other", "u2"));
        _table.PutSlice(Slice("s1", "web", "127.64.0.2"));
        start = _table.Since(start)!.Revision;
        _table.PutSlice(Slice("s1", "other", "127.64.0.2"));

        var delta = _table.Since(start)!;

        Assert.Equal(2, delta.Services.Count);
        Assert.Empty(delta.Services.Single(service => service.Name == "web").Ports[0].Endpoints);
        Assert.Single(delta.Services.Single(service => service.Name == "other").Ports[0].Endpoints);
    }

    [Fact]
    public void WhoeverIsTooFarBehindGetsTheWholeState()
    {
        var start = Complete(Web("u1"));
        for (var i = 0; i < 5000; i++)
        {
            var service = Service("short", string.Create(CultureInfo.InvariantCulture, $"x{i}"));
            _table.PutService(service);
            Assert.NotNull(_table.Since(start));
            _table.RemoveService(service);
            Assert.NotNull(_table.Since(start));
        }

        var delta = _table.Since(start)!;

        Assert.Equal(0, delta.Base);
        Assert.Empty(delta.Removed);
        Assert.Equal("u1", Assert.Single(delta.Services).Uid);
    }

    private static ApiObject Web(string uid) => Service("web", uid);

    private static ApiObject Service(string name, string uid) =>
        Cluster.Stored(Cluster.Service(name, """{"clusterIP":"127.128.0.5","ports":[{"port":80}]}"""), uid);

    private static ApiObject Slice(string name, string service, string address)
    {
        JsonObject slice = Cluster.Slice(name, service, Port80, $"[{Cluster.Endpoint(address)}]");
        return Cluster.Stored(slice, name);
    }

    private long Complete(params ApiObject[] services)
    {
        foreach (var service in services)
        {
            _table.PutService(service);
        }

        _table.Complete();
        _table.Complete();
        return _table.Since(0)!.Revision;
    }
}
