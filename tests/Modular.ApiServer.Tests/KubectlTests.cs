namespace Modular.ApiServer.Tests;

/// <summary>What kubectl does with kinds it never heard of; skipped where there is no kubectl.</summary>
public sealed class KubectlTests
{
    private const string Manifest = """
        apiVersion: example.com/v1
        kind: Widget
        metadata:
          name: one
          labels: {tier: front}
        spec:
          size: 3
          color: red
          weight: 1500m
          parts:
          - name: wheel
        """;

    [Fact]
    public async Task Discovery_and_explain_know_the_kinds()
    {
        await using var server = await StartAsync();
        var resources = await ExpectAsync(server, "api-resources -o wide");
        Assert.Matches(@"widgets +wi +example\.com/v1 +true +Widget +create,delete,deletecollection,get,list,patch,update,watch +all", resources);
        Assert.Contains("Server Version: v1.36.0+modular.0.1.0", await ExpectAsync(server, "version"), StringComparison.Ordinal);
        Assert.Contains("DESCRIPTION:\n    A widget.", await ExpectAsync(server, "explain widget"), StringComparison.Ordinal);
        Assert.Matches(@"name\t<string> -required-", await ExpectAsync(server, "explain widget.spec.parts"));
        Assert.Contains("weight\t<Quantity>", await ExpectAsync(server, "explain widget --recursive"), StringComparison.Ordinal);
        Assert.Contains("field \"nothing\" does not exist", (await server.KubectlAsync("explain widget.spec.nothing")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_object_lives_its_life()
    {
        await using var server = await StartAsync();
        Assert.Equal("widget.example.com/one created\n", await ExpectAsync(server, "apply -f -", Manifest));
        Assert.Equal("widget.example.com/one unchanged\n", await ExpectAsync(server, "apply -f -", Manifest));
        var changed = Manifest.Replace("size: 3", "size: 4", StringComparison.Ordinal) + "\n  - name: bell\n";
        Assert.Equal("widget.example.com/one configured (server dry run)\n", await ExpectAsync(server, "apply --dry-run=server -f -", changed));
        Assert.Equal("widget.example.com/one configured\n", await ExpectAsync(server, "apply -f -", changed));
        Assert.Matches(@"NAME +SIZE +AGE\none +4 +\d+s\n", await ExpectAsync(server, "get wi"));
        Assert.Matches(@"NAMESPACE +NAME +SIZE +COLOR +AGE\ndefault +one +4 +red +\d+s\n", await ExpectAsync(server, "get widgets -A -o wide"));
        Assert.Equal("wheel bell", await ExpectAsync(server, "get widget one -o jsonpath={.spec.parts[*].name}"));
        Assert.Equal("widget.example.com/one labeled\n", await ExpectAsync(server, "label widget one tier=back --overwrite"));
        Assert.Equal("widget.example.com/one\n", await ExpectAsync(server, "get all -l tier=back -o name"));
        Assert.Contains("No resources found", await ExpectAsync(server, "get widgets -l tier=front"), StringComparison.Ordinal);
        Assert.Contains("size: 4", await ExpectAsync(server, "get widget one -o yaml"), StringComparison.Ordinal);
        Assert.Equal("widget.example.com \"one\" deleted\n", await ExpectAsync(server, "delete widget one"));
        Assert.Contains("widgets.example.com \"one\" not found", (await server.KubectlAsync("get widget one")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Wrong_manifests_are_told_why()
    {
        await using var server = await StartAsync();
        var unknown = await server.KubectlAsync("apply -f -", Manifest.Replace("color: red", "colour: red", StringComparison.Ordinal));
        Assert.Contains("unknown field \"spec.colour\"", unknown.Text, StringComparison.Ordinal);
        var wrong = await server.KubectlAsync("apply -f -", Manifest.Replace("size: 3", "size: 3\n  mode: Sideways", StringComparison.Ordinal));
        Assert.Contains("Unsupported value: \"Sideways\"", wrong.Text, StringComparison.Ordinal);
        var kind = await server.KubectlAsync("apply -f -", Manifest.Replace("kind: Widget", "kind: Gadget", StringComparison.Ordinal));
        Assert.Contains("no matches for kind \"Gadget\"", kind.Text, StringComparison.Ordinal);
    }

    private static Task<KernelServer> StartAsync()
    {
        var path = Environment.GetEnvironmentVariable("PATH") ?? "";
        Assert.SkipUnless(path.Split(':').Any(directory => File.Exists(Path.Combine(directory, "kubectl"))), "there is no kubectl");
        return KernelServer.StartAsync(Widgets.Namespaces, Widgets.Definition);
    }

    private static async Task<string> ExpectAsync(KernelServer server, string arguments, string input = "")
    {
        var (code, text) = await server.KubectlAsync(arguments, input);
        Assert.True(code == 0, $"kubectl {arguments}: {text}{string.Join('\n', server.Log)}");
        return text;
    }
}
