namespace Modular.PluginLoader.Tests;

public sealed class HostPrivilegesTests
{
    [Theory]
    [InlineData("chown", 0)]
    [InlineData("net-admin", 12)]
    [InlineData("sys-admin", 21)]
    [InlineData("checkpoint-restore", 40)]
    public void Numbers_are_those_of_the_kernel(string name, int number) => Assert.Equal(1UL << number, HostPrivileges.Of(name).Capabilities);

    [Theory]
    [InlineData("")]
    [InlineData("NET_ADMIN")]
    [InlineData("cap-net-admin")]
    [InlineData(null)]
    public void What_is_no_name_is_none(string? name)
    {
        Assert.False(HostPrivileges.TryParse(name, out var privilege));
        Assert.Equal(HostPrivileges.None, privilege);
    }

    [Fact]
    public void Those_that_are_not_granted_are_left()
    {
        var asked = HostPrivileges.Of("net-admin", "sys-admin");
        Assert.Equal(["sys-admin"], asked.Except(HostPrivileges.Of("net-admin", "chown")).Names);
        Assert.Equal(HostPrivileges.None, asked.Except(HostPrivileges.All));
        Assert.NotEqual(HostPrivileges.None, HostPrivileges.All.Except(asked));
    }

    [Fact]
    public void All_is_one_word()
    {
        Assert.Equal(["all"], HostPrivileges.Of("all").Names);
        Assert.Equal(HostPrivileges.All, HostPrivileges.Of("all", "chown"));
        Assert.Equal(41, HostPrivileges.All.Except(HostPrivileges.Of("bpf")).Names.Count + 1);
        Assert.Empty(HostPrivileges.None.Names);
    }
}
