using System.Diagnostics;

namespace Modular.Plugins.NetworkBridge.Tests;

/// <summary>Beside rules that Debian's own programs made.</summary>
public sealed class ForeignFirewallTests
{
    private const int Port = 8080;

    [Theory(Skip = Machine.Need, SkipUnless = nameof(Machine.CanBeMade), SkipType = typeof(Machine))]
    [InlineData("iptables-nft")]
    [InlineData("iptables-legacy")]
    public void Packets_pass_where_Docker_left_FORWARD_on_drop_and_its_rules_stay_as_they_are(string iptables)
    {
        Assert.SkipUnless(File.Exists($"/usr/sbin/{iptables}"), $"{iptables} is not installed (apt-get install iptables)");
        using var node = new Node();
        // As Docker does it: chains of its own, jumps between them, rules before and behind.
        foreach (var rule in (string[])["-P FORWARD DROP", "-N DOCKER", "-N DOCKER-USER", "-A FORWARD -j DOCKER-USER", "-A FORWARD -o docker0 -j DOCKER",
            "-A FORWARD -i docker0 ! -o docker0 -j ACCEPT", "-A DOCKER -d 172.17.0.2 ! -i docker0 -p tcp --dport 80 -j ACCEPT", "-A DOCKER-USER -j RETURN",
            "-A INPUT -p icmp", "-A OUTPUT -p tcp --dport 9 -j DOCKER"])
        {
            Run(node, iptables, rule);
        }

        var before = Run(node, iptables, "-S");
        var network = node.Start();
        var (one, other) = (node.Sandbox(), node.Sandbox());
        var address = node.Attach(network, "other", other);
        node.Attach(network, "one", one);
        using var server = other.ServeTcp(Port);
        using var outside = node.Outside.ServeTcp(Port);
        Assert.NotEmpty(one.AskTcp(address, Port));
        Assert.Equal(Node.Address, one.AskTcp(Node.OutsideAddress, Port));
        var added = Run(node, iptables, "-S").Except(before).ToArray();
        Assert.Equal(2, added.Length);
        Assert.All(added, rule => Assert.Contains(node.Names.Bridge, rule, StringComparison.Ordinal));
        Assert.Equal("", node.Machine.Do(network.Info).Limitation);
        Assert.Equal(before.Length + 2, Run(node, iptables, "-S").Length);

        node.Remove();
        Assert.Equal(before, Run(node, iptables, "-S"));
    }

    private static string[] Run(Node node, string program, string arguments) => node.Machine.Do(() =>
    {
        // A process starts in the namespace of the thread that starts it.
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEnd();
        var error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{program} {arguments}: {error}");
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    });
}
