using System.Net;
using System.Net.Sockets;
using Modular.Abstractions;

namespace Modular.PluginTests;

/// <summary>What every name server of a cluster has to do. An author derives a class, says how it is made and where it answers, and has these tests.</summary>
public abstract class DnsServerTests : IAsyncLifetime
{
    private const int NoError = 0;
    private const int NoSuchName = 3;

    private IDnsServer? _server;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Where it answers, over UDP.</summary>
    protected abstract IPEndPoint Endpoint { get; }

    /// <summary>Makes the server of a cluster with the domain cluster.local; called once for each test.</summary>
    protected abstract ValueTask<IDnsServer> StartAsync();

    /// <inheritdoc />
    public async ValueTask InitializeAsync() => _server = await StartAsync();

    /// <summary>Ends what was made.</summary>
    public virtual ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    /// <summary>A service is found at its address, however its name is written, and what is none is said not to be.</summary>
    [Fact]
    public async Task AServiceHasItsAddress()
    {
        Assert.Equal(1, (await WholeAsync(1, Service("web", "10.96.0.80"))).Revision);
        Assert.Equal((NoError, "10.96.0.80"), await AskAsync("web"));
        Assert.Equal((NoSuchName, ""), await AskAsync("other"));
    }

    /// <summary>Names have no case.</summary>
    [Fact]
    public async Task NamesHaveNoCase()
    {
        await WholeAsync(1, Service("web", "10.96.0.80"));
        Assert.Equal((NoError, "10.96.0.80"), await AskAsync("WeB"));
    }

    /// <summary>A headless service is its ready endpoints.</summary>
    [Fact]
    public async Task AHeadlessServiceIsItsReadyEndpoints()
    {
        await WholeAsync(1, Service("db") with
        {
            Ports = [new ServicePortRecord { Port = 80, Endpoints = [new("10.244.0.7", 8080), new("10.244.0.8", 8080) { Ready = false }, new("10.244.0.9", 8080)] }],
        });
        Assert.Equal((NoError, "10.244.0.7 10.244.0.9"), await AskAsync("db"));
    }

    /// <summary>A delta on another base is answered with the revision that is served, and changes nothing.</summary>
    [Fact]
    public async Task ADeltaOfAnotherBaseIsRefused()
    {
        await WholeAsync(1, Service("web", "10.96.0.80"));
        Assert.Equal(1, (await _server!.ApplyAsync(new ServiceDelta { Base = 7, Revision = 8, Removed = ["web"] }, Token)).Revision);
        Assert.Equal((NoError, "10.96.0.80"), await AskAsync("web"));
        Assert.Equal(2, (await _server.ApplyAsync(new ServiceDelta { Base = 1, Revision = 2 }, Token)).Revision);
    }

    /// <summary>The whole state replaces what was known.</summary>
    [Fact]
    public async Task TheWholeStateReplacesWhatWasKnown()
    {
        await WholeAsync(1, Service("web", "10.96.0.80"), Service("old", "10.96.0.81"));
        Assert.Equal(9, (await WholeAsync(9, Service("web", "10.96.0.82"))).Revision);
        Assert.Equal((NoError, "10.96.0.82"), await AskAsync("web"));
        Assert.Equal((NoSuchName, ""), await AskAsync("old"));
    }

    /// <summary>A service that is gone has no name; one that was never there can be removed; what is said again changes nothing.</summary>
    [Fact]
    public async Task ARemovedServiceHasNoName()
    {
        await WholeAsync(1, Service("web", "10.96.0.80"), Service("gone", "10.96.0.81"));
        for (var revision = 1; revision < 4; revision++)
        {
            var delta = new ServiceDelta { Base = revision, Revision = revision + 1, Services = [Service("web", "10.96.0.80")], Removed = ["gone", "never"] };
            Assert.Equal(revision + 1, (await _server!.ApplyAsync(delta, Token)).Revision);
        }

        Assert.Equal((NoError, "10.96.0.80"), await AskAsync("web"));
        Assert.Equal((NoSuchName, ""), await AskAsync("gone"));
    }

    /// <summary>Datagrams that are no questions, and records that make no sense, end nothing.</summary>
    [Fact]
    public async Task NonsenseHarmsNothingElse()
    {
        await WholeAsync(1, Service("web", "10.96.0.80"));
        Assert.Equal((NoError, "10.96.0.80"), await AskAsync("web"));
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        var random = new Random(1);
        byte[] loop = [0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0xC0, 0x0C, 0, 1, 0, 1];
        byte[] endless = [0x12, 0x34, 1, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 63];
        foreach (var datagram in Enumerable.Range(0, 40).Select(length => Bytes(random, length)).Append(loop).Append(endless).Append(Bytes(random, 1400)))
        {
            await socket.SendToAsync(datagram, Endpoint, Token);
        }

        var nonsense = Service("nonsense", "not an address") with
        {
            Ports = [new ServicePortRecord { Port = -1, Name = "\0", Protocol = "", Endpoints = [new("", 70000) { Hostname = new string('x', 300) }] }],
        };
        await _server!.ApplyAsync(new ServiceDelta { Base = 1, Revision = 2, Services = [nonsense] }, Token);
        Assert.Equal((NoError, "10.96.0.80"), await AskAsync("web"));
        await WholeAsync(20, Service("web", "10.96.0.90"));
        Assert.Equal((NoError, "10.96.0.90"), await AskAsync("web"));
    }

    private static byte[] Bytes(Random random, int length)
    {
        var bytes = new byte[length];
        random.NextBytes(bytes);
        return bytes;
    }

    private static ServiceRecord Service(string name, params string[] addresses) => new()
    {
        Uid = name,
        Namespace = "shop",
        Name = name,
        ClusterAddresses = addresses,
        Ports = [new ServicePortRecord { Port = 80 }],
    };

    private async Task<ServiceReport> WholeAsync(long revision, params ServiceRecord[] services) =>
        await _server!.ApplyAsync(new ServiceDelta { Base = 0, Revision = revision, Services = services }, Token);

    private async Task<(int Code, string Addresses)> AskAsync(string service)
    {
        var (code, addresses) = await DnsQuestion.AskAsync(Endpoint, $"{service}.shop.svc.cluster.local", Token);
        return (code, string.Join(' ', addresses.Order(StringComparer.Ordinal)));
    }
}
