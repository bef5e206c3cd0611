using DnsClient;
using DnsClient.Protocol;

namespace Modular.Plugins.Dns.Tests;

/// <summary>Kubernetes' DNS specification, asked for by a client that others wrote.</summary>
public sealed class ServiceAnswerTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_service_has_its_virtual_addresses(bool tcp)
    {
        await using var server = RunningServer.With(Services.Web);
        var client = server.Client(tcp);

        var four = await client.QueryAsync("web.shop.svc.cluster.local", QueryType.A, cancellationToken: Cancellation);
        var six = await client.QueryAsync("web.shop.svc.cluster.local", QueryType.AAAA, cancellationToken: Cancellation);

        Assert.Equal("10.96.0.80", Assert.Single(four.Answers.ARecords()).Address.ToString());
        Assert.Equal("fd00::80", Assert.Single(six.Answers.AaaaRecords()).Address.ToString());
        Assert.True(four.Header.HasAuthorityAnswer);
        Assert.True(four.Header.RecursionAvailable);
        Assert.Equal(5, four.Answers[0].InitialTimeToLive);
    }

    [Fact]
    public async Task A_named_port_is_found_by_its_name()
    {
        await using var server = RunningServer.With(Services.Web);

        var answer = await server.Client().QueryAsync("_http._tcp.web.shop.svc.cluster.local", QueryType.SRV, cancellationToken: Cancellation);

        var place = Assert.Single(answer.Answers.SrvRecords());
        Assert.Equal(("web.shop.svc.cluster.local.", (ushort)80, (ushort)0), (place.Target.Value, place.Port, place.Priority));
        Assert.Equal("10.96.0.80", Assert.Single(answer.Additionals.ARecords()).Address.ToString());
        Assert.Equal("web.shop.svc.cluster.local.", answer.Additionals.ARecords().Single().DomainName.Value);
        Assert.Single(answer.Additionals.AaaaRecords());
    }

    [Fact]
    public async Task A_headless_service_is_its_ready_endpoints()
    {
        await using var server = RunningServer.With(Services.Database);
        var client = server.Client();

        var all = await client.QueryAsync("db.shop.svc.cluster.local", QueryType.A, cancellationToken: Cancellation);
        var named = await client.QueryAsync("db-0.db.shop.svc.cluster.local", QueryType.A, cancellationToken: Cancellation);
        var unnamed = await client.QueryAsync("10-244-0-8.db.shop.svc.cluster.local", QueryType.A, cancellationToken: Cancellation);
        var unready = await client.QueryAsync("db-2.db.shop.svc.cluster.local", QueryType.A, cancellationToken: Cancellation);
        var places = await client.QueryAsync("_sql._tcp.db.shop.svc.cluster.local", QueryType.SRV, cancellationToken: Cancellation);

        Assert.Equal(["10.244.0.7", "10.244.0.8"], all.Answers.ARecords().Select(record => record.Address.ToString()).Order());
        Assert.Equal("10.244.0.7", Assert.Single(named.Answers.ARecords()).Address.ToString());
        Assert.Equal("10.244.0.8", Assert.Single(unnamed.Answers.ARecords()).Address.ToString());
        Assert.Equal(DnsHeaderResponseCode.NotExistentDomain, unready.Header.ResponseCode);
        Assert.Equal(
            ["10-244-0-8.db.shop.svc.cluster.local.:15432", "db-0.db.shop.svc.cluster.local.:15432"],
            places.Answers.SrvRecords().Select(place => $"{place.Target.Value}:{place.Port}").Order());
        Assert.Equal(2, places.Additionals.ARecords().Count());
    }

    [Fact]
    public async Task A_headless_service_without_ports_has_its_endpoints_all_the_same()
    {
        var service = Services.Database with { Ports = [new ServicePortRecord { Port = 0, Endpoints = [new EndpointRecord("10.244.0.7", 0)] }] };
        await using var server = RunningServer.With(service);

        var answer = await server.Client().QueryAsync("db.shop.svc.cluster.local", QueryType.A, cancellationToken: Cancellation);

        Assert.Equal("10.244.0.7", Assert.Single(answer.Answers.ARecords()).Address.ToString());
    }

    [Fact]
    public async Task A_headless_service_without_endpoints_exists()
    {
        await using var server = RunningServer.With(Services.Database with { Ports = [] });

        var answer = await server.Client().QueryAsync("db.shop.svc.cluster.local", QueryType.A, cancellationToken: Cancellation);

        Assert.Equal(DnsHeaderResponseCode.NoError, answer.Header.ResponseCode);
        Assert.Empty(answer.Answers);
    }

    [Fact]
    public async Task Addresses_lead_back_to_names()
    {
        await using var server = RunningServer.With(Services.Web, Services.Database);
        var client = server.Client();

        Assert.Equal("web.shop.svc.cluster.local.", await PointerAsync("80.0.96.10.in-addr.arpa"));
        Assert.Equal("db-0.db.shop.svc.cluster.local.", await PointerAsync("7.0.244.10.in-addr.arpa"));
        Assert.Equal("10-244-0-8.db.shop.svc.cluster.local.", await PointerAsync("8.0.244.10.in-addr.arpa"));
        Assert.Equal(
            "web.shop.svc.cluster.local.",
            await PointerAsync("0.8.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.d.f.ip6.arpa"));

        async Task<string> PointerAsync(string name) =>
            (await client.QueryAsync(name, QueryType.PTR, cancellationToken: Cancellation)).Answers.PtrRecords().Single().PtrDomainName.Value;
    }

    [Fact]
    public async Task An_address_of_the_cluster_that_nobody_has_is_not_asked_for_elsewhere()
    {
        await using var server = RunningServer.With(Services.Web);

        var answer = await server.Client().QueryAsync("81.0.96.10.in-addr.arpa", QueryType.PTR, cancellationToken: Cancellation);

        Assert.Equal(DnsHeaderResponseCode.NotExistentDomain, answer.Header.ResponseCode);
        Assert.Equal("96.10.in-addr.arpa.", Assert.Single(answer.Authorities.OfType<SoaRecord>()).DomainName.Value);
    }

    [Theory]
    [InlineData("10-244-1-2.shop.pod.cluster.local", QueryType.A, "10.244.1.2")]
    [InlineData("fd00--1-2.shop.pod.cluster.local", QueryType.AAAA, "fd00::1:2")]
    public async Task A_pod_is_found_by_its_address(string name, QueryType type, string address)
    {
        await using var server = RunningServer.With();

        var answer = await server.Client().QueryAsync(name, type, cancellationToken: Cancellation);

        Assert.Equal(address, Assert.Single(answer.Answers.AddressRecords()).Address.ToString());
    }

    [Theory]
    [InlineData("10-244-1-256.shop.pod.cluster.local")]
    [InlineData("10-244-1.shop.pod.cluster.local")]
    [InlineData("10-244-1-2-3.shop.pod.cluster.local")]
    [InlineData("010-244-1-2.shop.pod.cluster.local")]
    [InlineData("x.10-244-1-2.shop.pod.cluster.local")]
    [InlineData("web.other.svc.cluster.local")]
    [InlineData("other.shop.svc.cluster.local")]
    [InlineData("other.svc.cluster.local")]
    [InlineData("web.shop.cluster.local")]
    [InlineData("_http._udp.web.shop.svc.cluster.local")]
    [InlineData("example.com.shop.svc.cluster.local")]
    public async Task What_is_not_there_is_said_not_to_be(string name)
    {
        await using var server = RunningServer.With(Services.Web);

        var answer = await server.Client().QueryAsync(name, QueryType.ANY, cancellationToken: Cancellation);

        Assert.Equal(DnsHeaderResponseCode.NotExistentDomain, answer.Header.ResponseCode);
        Assert.True(answer.Header.HasAuthorityAnswer);
        var authority = Assert.Single(answer.Authorities.OfType<SoaRecord>());
        Assert.Equal(("cluster.local.", 5u), (authority.DomainName.Value, authority.Minimum));
        Assert.Equal(5, authority.InitialTimeToLive);
    }

    [Theory]
    [InlineData("web.shop.svc.cluster.local", QueryType.MX)]
    [InlineData("web.shop.svc.cluster.local", QueryType.SRV)]
    [InlineData("shop.svc.cluster.local", QueryType.A)]
    [InlineData("svc.cluster.local", QueryType.A)]
    [InlineData("pod.cluster.local", QueryType.A)]
    [InlineData("shop.pod.cluster.local", QueryType.A)]
    [InlineData("10-244-1-2.shop.pod.cluster.local", QueryType.AAAA)]
    [InlineData("_tcp.web.shop.svc.cluster.local", QueryType.SRV)]
    [InlineData("_http._tcp.web.shop.svc.cluster.local", QueryType.A)]
    [InlineData("cluster.local", QueryType.A)]
    public async Task What_is_there_without_such_records_is_told_apart(string name, QueryType type)
    {
        await using var server = RunningServer.With(Services.Web);

        var answer = await server.Client().QueryAsync(name, type, cancellationToken: Cancellation);

        Assert.Equal(DnsHeaderResponseCode.NoError, answer.Header.ResponseCode);
        Assert.Empty(answer.Answers);
        Assert.Equal("cluster.local.", Assert.Single(answer.Authorities.OfType<SoaRecord>()).DomainName.Value);
    }

    [Fact]
    public async Task The_zone_says_what_it_is()
    {
        await using var server = RunningServer.With();
        var client = server.Client();

        var authority = await client.QueryAsync("cluster.local", QueryType.SOA, cancellationToken: Cancellation);
        var servers = await client.QueryAsync("cluster.local", QueryType.NS, cancellationToken: Cancellation);
        var address = await client.QueryAsync(servers.Answers.NsRecords().Single().NSDName.Value, QueryType.A, cancellationToken: Cancellation);
        var version = await client.QueryAsync("dns-version.cluster.local", QueryType.TXT, cancellationToken: Cancellation);

        Assert.Equal("ns.dns.cluster.local.", Assert.Single(authority.Answers.OfType<SoaRecord>()).MName.Value);
        Assert.Equal("10.96.0.10", Assert.Single(address.Answers.ARecords()).Address.ToString());
        Assert.Equal("1.1.0", Assert.Single(Assert.Single(version.Answers.TxtRecords()).Text));
    }

    [Fact]
    public async Task An_external_name_of_the_cluster_is_followed_to_the_end()
    {
        await using var server = RunningServer.With(
            Services.Web, Services.Alias("next.shop.svc.cluster.local"), Services.Alias("WEB.shop.svc.cluster.local", "next"),
            Services.Alias("nobody.shop.svc.cluster.local", "astray"), Services.Alias("circle.shop.svc.cluster.local", "circle"));
        var client = server.Client();

        var whole = await client.QueryAsync("elsewhere.shop.svc.cluster.local", QueryType.A, cancellationToken: Cancellation);
        var link = await client.QueryAsync("elsewhere.shop.svc.cluster.local", QueryType.CNAME, cancellationToken: Cancellation);
        var astray = await client.QueryAsync("astray.shop.svc.cluster.local", QueryType.A, cancellationToken: Cancellation);
        var circle = await client.QueryAsync("circle.shop.svc.cluster.local", QueryType.A, cancellationToken: Cancellation);

        Assert.Equal(
            ["next.shop.svc.cluster.local.", "web.shop.svc.cluster.local."],
            whole.Answers.CnameRecords().Select(record => record.CanonicalName.Value));
        var address = Assert.Single(whole.Answers.ARecords());
        Assert.Equal(("web.shop.svc.cluster.local.", "10.96.0.80"), (address.DomainName.Value, address.Address.ToString()));
        Assert.Single(link.Answers);
        Assert.Equal(DnsHeaderResponseCode.NotExistentDomain, astray.Header.ResponseCode);
        Assert.Single(astray.Answers.CnameRecords());
        Assert.Equal(DnsHeaderResponseCode.ServerFailure, circle.Header.ResponseCode);
    }

    [Fact]
    public async Task Endpoints_take_turns_at_the_first_place()
    {
        await using var server = RunningServer.With(Services.Many(5));
        var client = server.Client(tcpOnly: true);
        var first = new HashSet<string>();

        for (var i = 0; i < 5; i++)
        {
            // Each connection has a turn of its own, so all go over one: the client keeps it.
            var answer = await client.QueryAsync("many.shop.svc.cluster.local", QueryType.A, cancellationToken: Cancellation);
            Assert.Equal(5, answer.Answers.Count);
            first.Add(answer.Answers.ARecords().First().Address.ToString());
        }

        Assert.Equal(5, first.Count);
    }

    [Fact]
    public async Task What_does_not_fit_a_datagram_is_had_over_a_connection()
    {
        await using var server = RunningServer.With(Services.Many(1000));

        var answer = await server.Client().QueryAsync("many.shop.svc.cluster.local", QueryType.A, cancellationToken: Cancellation);

        Assert.Equal(1000, answer.Answers.ARecords().Select(record => record.Address).Distinct().Count());
        Assert.False(answer.Header.ResultTruncated);
    }

    [Fact]
    public async Task Nothing_is_denied_before_the_services_are_known()
    {
        await using var server = RunningServer.WithoutState();

        var answer = await server.Client().QueryAsync("web.shop.svc.cluster.local", QueryType.A, cancellationToken: Cancellation);

        Assert.Equal(DnsHeaderResponseCode.ServerFailure, answer.Header.ResponseCode);
    }
}
