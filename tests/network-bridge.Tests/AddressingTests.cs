using System.Net;
using Modular.Plugins.NetworkBridge.Addressing;

namespace Modular.Plugins.NetworkBridge.Tests;

public sealed class AddressingTests : IDisposable
{
    private static readonly AddressRange PodRange = AddressRange.Parse("10.244.0.0/16");
    private readonly string _directory = Directory.CreateTempSubdirectory("mod-net-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void An_address_given_back_waits_until_all_others_were_taken()
    {
        var pool = new AddressPool(AddressRange.Parse("10.0.0.0/29"));
        Assert.Equal("10.0.0.1", pool.Gateway.ToString());
        Assert.Equal("10.0.0.2", pool.Take()?.ToString());
        pool.Release(IPAddress.Parse("10.0.0.2"));
        Assert.Equal(["10.0.0.3", "10.0.0.4", "10.0.0.5", "10.0.0.6", "10.0.0.2", null], Enumerable.Range(0, 6).Select(_ => pool.Take()?.ToString()));
    }

    [Fact]
    public void An_address_in_use_is_not_given_out_again()
    {
        var pool = new AddressPool(AddressRange.Parse("10.0.0.0/29"));
        Assert.True(pool.Reserve(IPAddress.Parse("10.0.0.3")));
        Assert.False(pool.Reserve(IPAddress.Parse("10.0.0.3")));
        Assert.False(pool.Reserve(IPAddress.Parse("10.0.1.3")));
        Assert.Equal("10.0.0.4", pool.Take()?.ToString());
    }

    [Fact]
    public void The_node_takes_the_first_range_that_is_free_and_keeps_it()
    {
        var file = Path.Combine(_directory, "range");
        AddressRange[] inUse = [AddressRange.Parse("10.0.0.0/8"), AddressRange.Parse("10.244.0.0/24"), AddressRange.Parse("10.244.1.128/25")];
        Assert.Equal("10.244.2.0/24", NodeRange.Choose(PodRange, file, inUse)?.ToString());
        Assert.Equal("10.244.2.0/24", NodeRange.Choose(PodRange, file, [])?.ToString());
    }

    [Fact]
    public void No_range_is_chosen_where_all_is_in_use() =>
        Assert.Null(NodeRange.Choose(PodRange, Path.Combine(_directory, "range"), [PodRange]));
}
