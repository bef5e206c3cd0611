using System.Net;
using System.Text.Json.Nodes;

namespace Modular.EndToEnd;

/// <summary>A cluster of nothing but the API, of which every resource that discovery lists was tried.</summary>
public sealed class ServedKinds : IAsyncLifetime
{
    private readonly List<ServedResource> _served = [];
    private readonly Dictionary<string, IReadOnlySet<string>> _worked = new(StringComparer.Ordinal);
    private readonly List<string> _problems = [];

    /// <summary>What discovery lists.</summary>
    internal IReadOnlyList<ServedResource> Served => _served;

    /// <summary>By resource: the verbs that worked, those of subresources as SUBRESOURCE VERB.</summary>
    internal IReadOnlyDictionary<string, IReadOnlySet<string>> Worked => _worked;

    /// <summary>What was not as it should be.</summary>
    internal IReadOnlyList<string> Problems => _problems;

    public async ValueTask InitializeAsync()
    {
        var token = TestContext.Current.CancellationToken;
        var folder = Directory.CreateTempSubdirectory("modular-e2e-kinds-").FullName;
        var file = Path.Combine(folder, "kinds.yaml");
        await File.WriteAllTextAsync(
            file,
            """
            apiVersion: modular.dev/v1alpha1
            kind: Distribution
            metadata: {name: kinds}
            plugins:
              - {name: store, plugin: store-embedded}
              - {name: resources, plugin: resources-kubernetes}
              - {name: auth-certificate, plugin: auth-certificate}
            """,
            token);
        await using var cluster = await TestCluster.StartAsync(token, "--mode", "process", "--distribution", file);
        Directory.Delete(folder, recursive: true);
        using var http = ClusterHttp.Create(cluster.Kubeconfig, cluster.Port);
        var requests = new JsonRequests(http, token);
        _served.AddRange(await ServedResource.DiscoverAsync(requests));
        foreach (var kind in _served)
        {
            try
            {
                _worked[kind.Resource] = (kind.Verbs.Contains("create"), kind.Verbs.Contains("list")) switch
                {
                    (true, true) => await new KindScript(requests, kind).RunAsync(token),
                    (true, _) => await CreateOnlyAsync(requests, kind),
                    _ => await ReadOnlyAsync(requests, kind),
                };
            }
            catch (Exception e) when (e is InvalidOperationException or KeyNotFoundException or Xunit.Sdk.XunitException or NullReferenceException)
            {
                _problems.Add($"{kind.Resource}: {e.Message}");
            }
        }
    }

    /// <summary>Kinds that show what there is.</summary>
    private static async Task<IReadOnlySet<string>> ReadOnlyAsync(JsonRequests requests, ServedResource kind)
    {
        var first = (await requests.GetAsync(kind.Path))["items"]!.AsArray()[0]!;
        var read = await requests.GetAsync($"{kind.Path}/{first["metadata"]!["name"]}");
        Assert.Equal((kind.ApiVersion, kind.Kind), ((string?)read["apiVersion"], (string?)read["kind"]));
        return new HashSet<string>(["list", "get"], StringComparer.Ordinal);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>Kinds that are questions or actions: they are created, and not stored.</summary>
    private async Task<IReadOnlySet<string>> CreateOnlyAsync(JsonRequests requests, ServedResource kind)
    {
        if (KindSamples.ActedOn.TryGetValue(kind.Resource, out var resource))
        {
            var other = _served.Single(served => served.Resource == resource);
            var obj = JsonNode.Parse(KindSamples.All[resource])!.AsObject();
            obj["metadata"] = new JsonObject { ["name"] = "acted-on" };
            await requests.SendAsync(HttpMethod.Post, other.Path, obj, HttpStatusCode.Created);
        }

        var request = KindSamples.Requests[kind.Resource];
        var sample = JsonNode.Parse(request)!.AsObject();
        sample["apiVersion"] = kind.ApiVersion;
        sample["kind"] = kind.Kind;
        await requests.SendAsync(HttpMethod.Post, kind.Path, sample, HttpStatusCode.Created);
        return new HashSet<string>(["create"], StringComparer.Ordinal);
    }
}
