using System.Net;
using Modular.Plugins.Dns.Records;
using Modular.Plugins.Dns.Wire;

namespace Modular.Plugins.Dns.Tests;

public sealed class RecordTableTests
{
    private readonly RecordTable _table = new(new Zone(RunningServer.Network, 5));

    [Fact]
    public void A_delta_changes_what_it_names_and_nothing_else()
    {
        Apply(0, 1, [Services.Web, Services.Database]);
        Apply(1, 2, [Services.Database with { Ports = [Port("10.244.0.8"), Port("10.244.0.9")] }]);

        Assert.Equal(["10.244.0.8", "10.244.0.9"], Addresses("db.shop.svc.cluster.local"));
        Assert.Equal(["10.96.0.80"], Addresses("web.shop.svc.cluster.local"));
        Assert.Null(Find("db-0.db.shop.svc.cluster.local"));
        Assert.Null(Find("7.0.244.10.in-addr.arpa"));
        Assert.NotNull(Find("9.0.244.10.in-addr.arpa"));
    }

    [Fact]
    public void A_namespace_goes_with_its_last_service()
    {
        Apply(0, 1, [Services.Web, Services.Database]);
        Apply(1, 2, [], "web-uid");
        Assert.NotNull(Find("shop.svc.cluster.local"));

        Apply(2, 3, [], "db-uid");

        Assert.Null(Find("shop.svc.cluster.local"));
        Assert.Null(Find("web.shop.svc.cluster.local"));
        Assert.NotNull(Find("svc.cluster.local"));
        Assert.Equal(0, _table.Services);
    }

    [Fact]
    public void The_whole_state_replaces_everything()
    {
        Apply(0, 7, [Services.Web]);

        Assert.Equal(3, Apply(0, 3, [Services.Database]).Revision);

        Assert.Null(Find("web.shop.svc.cluster.local"));
        Assert.NotNull(Find("db.shop.svc.cluster.local"));
    }

    [Fact]
    public void A_delta_on_another_base_is_refused_with_the_revision_that_is_served()
    {
        Assert.Equal(0, Apply(4, 5, [Services.Web]).Revision);
        Assert.False(_table.IsComplete);
        Apply(0, 7, [Services.Web]);

        Assert.Equal(7, Apply(6, 8, [], "web-uid").Revision);

        Assert.NotNull(Find("web.shop.svc.cluster.local"));
    }

    [Fact]
    public void A_service_that_is_made_anew_within_one_delta_has_the_new_address()
    {
        Apply(0, 1, [Services.Web]);

        Apply(1, 2, [Services.Web with { Uid = "later", ClusterAddresses = ["10.96.0.81"] }], "web-uid");

        Assert.Equal(["10.96.0.81"], Addresses("web.shop.svc.cluster.local"));
        Assert.Null(Find("80.0.96.10.in-addr.arpa"));
    }

    [Fact]
    public void An_address_that_two_services_share_leads_to_both_and_stays_with_the_other()
    {
        Apply(0, 1, [Services.Database, Services.Database with { Uid = "copy", Name = "copy" }]);
        Assert.Equal(2, Find("7.0.244.10.in-addr.arpa")!.Pointers.Length);

        Apply(1, 2, [], "copy");

        Assert.Equal("db-0.db.shop.svc.cluster.local.", WireName.ToText(Assert.Single(Find("7.0.244.10.in-addr.arpa")!.Pointers)));
    }

    [Theory]
    [InlineData("not..a.name")]
    [InlineData("xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx.example")]
    [InlineData("ümlaut.example")]
    public void A_name_that_is_none_is_a_problem_of_its_service_alone(string external)
    {
        var report = Apply(0, 1, [Services.Alias(external), Services.Web]);

        var problem = Assert.Single(report.Problems);
        Assert.Equal(("elsewhere-uid", "InvalidName"), (problem.ServiceUid, problem.Reason));
        Assert.NotNull(Find("web.shop.svc.cluster.local"));
        Assert.Null(Find("elsewhere.shop.svc.cluster.local"));
    }

    private static ServicePortRecord Port(string address) => new() { Name = address.Replace('.', '-'), Port = 1, Endpoints = [new(address, 1)] };

    private ServiceReport Apply(long from, long to, ServiceRecord[] services, params string[] removed) =>
        _table.Apply(new ServiceDelta { Base = from, Revision = to, Services = services, Removed = removed });

    private NameRecords? Find(string name) => _table.Find(WireName.Encode(name));

    private string[] Addresses(string name) => [.. Find(name)!.Addresses4.Chunk(4).Select(bytes => new IPAddress(bytes).ToString())];
}
