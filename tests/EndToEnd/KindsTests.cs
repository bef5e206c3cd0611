using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace Modular.EndToEnd;

/// <summary>Every kind that discovery lists carries the same script through: made, listed, watched, changed in every way, and deleted.</summary>
public sealed class KindsTests
{
    private const string Label = "script";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_kind_carries_the_script_through()
    {
        var file = Path.Combine(Directory.CreateTempSubdirectory("modular-e2e-kinds-").FullName, "kinds.yaml");
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
            Token);
        await using var cluster = await TestCluster.StartAsync(Token, "--mode", "process", "--distribution", file);
        Directory.Delete(Path.GetDirectoryName(file)!, recursive: true);
        using var http = ClusterHttp.Create(cluster.Kubeconfig, cluster.Port);
        var problems = new List<string>();
        var served = await DiscoverAsync(http);
        Assert.Equal(KindSamples.All.Keys.Order(StringComparer.Ordinal), served.Select(kind => kind.Resource).Order(StringComparer.Ordinal));
        foreach (var kind in served)
        {
            try
            {
                await CarryOutAsync(http, kind);
            }
            catch (Exception e) when (e is InvalidOperationException or Xunit.Sdk.XunitException or NullReferenceException)
            {
                problems.Add($"{kind.Resource}: {e.Message}");
            }
        }

        Assert.Empty(problems);
    }

    private static async Task CarryOutAsync(HttpClient http, ServedKind kind)
    {
        var (path, first) = (kind.Path, KindSamples.Name(kind.Resource, 1));
        var made = await SendAsync(http, HttpMethod.Post, path, Sample(kind, 1), HttpStatusCode.Created);
        Assert.NotNull(made["metadata"]!["uid"]);
        Assert.NotNull(made["metadata"]!["creationTimestamp"]);
        Assert.Equal("AlreadyExists", (string?)(await SendAsync(http, HttpMethod.Post, path, Sample(kind, 1), HttpStatusCode.Conflict))["reason"]);
        var list = await SendAsync(http, HttpMethod.Get, $"{path}?labelSelector={Label}%3Dyes", null, HttpStatusCode.OK);
        Assert.Equal(first, (string?)Assert.Single(list["items"]!.AsArray())!["metadata"]!["name"]);
        Assert.Single((await SendAsync(http, HttpMethod.Get, $"{kind.AllPath}?labelSelector={Label}%3Dyes", null, HttpStatusCode.OK))["items"]!.AsArray());
        using var watch = await WatchAsync(http, $"{path}?watch=true&labelSelector={Label}%3Dyes&resourceVersion={list["metadata"]!["resourceVersion"]}");

        var merged = await SendAsync(http, HttpMethod.Patch, $"{path}/{first}", JsonNode.Parse("""{"metadata":{"annotations":{"merged":"yes"}}}"""), HttpStatusCode.OK, "application/merge-patch+json");
        var patched = await SendAsync(http, HttpMethod.Patch, $"{path}/{first}", JsonNode.Parse("""{"metadata":{"labels":{"patched":"yes"}}}"""), HttpStatusCode.OK, "application/strategic-merge-patch+json");
        Assert.True(Revision(made) < Revision(merged) && Revision(merged) < Revision(patched), "revisions grow");
        patched["metadata"]!["annotations"]!["put"] = "yes";
        var put = await SendAsync(http, HttpMethod.Put, $"{path}/{first}", patched, HttpStatusCode.OK);
        Assert.Equal(("yes", "yes", "yes"), ((string?)put["metadata"]!["annotations"]!["merged"], (string?)put["metadata"]!["annotations"]!["put"], (string?)put["metadata"]!["labels"]!["patched"]));
        var events = new List<string> { "MODIFIED", "MODIFIED", "MODIFIED" };
        if (kind.HasStatus)
        {
            var status = await SendAsync(http, HttpMethod.Patch, $"{path}/{first}/status", JsonNode.Parse("""{"metadata":{"annotations":{"status":"yes"}},"spec":null}"""), HttpStatusCode.OK, "application/merge-patch+json");
            Assert.Equal("yes", (string?)status["metadata"]!["annotations"]!["status"]);
            Assert.True(JsonNode.DeepEquals(put["spec"], status["spec"]), "a write of status leaves the rest");
            events.Add("MODIFIED");
        }

        if (kind.Resource != "v1/namespaces")
        {
            await SendAsync(http, HttpMethod.Delete, $"{path}/{first}", null, HttpStatusCode.OK);
            await SendAsync(http, HttpMethod.Get, $"{path}/{first}", null, HttpStatusCode.NotFound);
            events.Add("DELETED");
        }

        if (kind.HasDeleteCollection)
        {
            await SendAsync(http, HttpMethod.Post, path, Sample(kind, 2), HttpStatusCode.Created);
            await SendAsync(http, HttpMethod.Post, path, Sample(kind, 3), HttpStatusCode.Created);
            await SendAsync(http, HttpMethod.Delete, $"{path}?labelSelector={Label}%3Dyes", null, HttpStatusCode.OK);
            Assert.Empty((await SendAsync(http, HttpMethod.Get, $"{path}?labelSelector={Label}%3Dyes", null, HttpStatusCode.OK))["items"]!.AsArray());
            events.AddRange(["ADDED", "ADDED", "DELETED", "DELETED"]);
        }

        foreach (var expected in events)
        {
            var line = await watch.ReadLineAsync(Token);
            Assert.Equal(expected, (string?)JsonNode.Parse(line!)!["type"]);
        }
    }

    private static JsonObject Sample(ServedKind kind, int number)
    {
        var obj = JsonNode.Parse(KindSamples.All[kind.Resource])!.AsObject();
        obj["apiVersion"] = kind.ApiVersion;
        obj["kind"] = kind.Kind;
        obj["metadata"] = new JsonObject { ["name"] = KindSamples.Name(kind.Resource, number), ["labels"] = new JsonObject { [Label] = "yes" } };
        return obj;
    }

    private static long Revision(JsonObject obj) => long.Parse((string)obj["metadata"]!["resourceVersion"]!, System.Globalization.CultureInfo.InvariantCulture);

    private static async Task<List<ServedKind>> DiscoverAsync(HttpClient http)
    {
        var groups = (await SendAsync(http, HttpMethod.Get, "/apis", null, HttpStatusCode.OK))["groups"]!.AsArray()
            .SelectMany(group => group!["versions"]!.AsArray()).Select(version => (string)version!["groupVersion"]!).Where(version => !version.StartsWith("modular.dev/", StringComparison.Ordinal));
        var kinds = new List<ServedKind>();
        foreach (var version in groups.Prepend("v1"))
        {
            var root = version == "v1" ? "/api/v1" : $"/apis/{version}";
            var resources = (await SendAsync(http, HttpMethod.Get, root, null, HttpStatusCode.OK))["resources"]!.AsArray().Select(resource => resource!.AsObject()).ToList();
            foreach (var resource in resources.Where(resource => resource["verbs"]!.AsArray().Any(verb => (string?)verb == "list")))
            {
                var name = (string)resource["name"]!;
                kinds.Add(new ServedKind(
                    $"{version}/{name}", version, (string)resource["kind"]!, (bool)resource["namespaced"]! ? $"{root}/namespaces/default/{name}" : $"{root}/{name}", $"{root}/{name}",
                    resources.Any(other => (string?)other["name"] == $"{name}/status"), resource["verbs"]!.AsArray().Any(verb => (string?)verb == "deletecollection")));
            }
        }

        return kinds;
    }

    private static async Task<JsonObject> SendAsync(HttpClient http, HttpMethod method, string path, JsonNode? body, HttpStatusCode expected, string type = "application/json")
    {
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative));
        if (body is not null)
        {
            request.Content = new StringContent(body.ToJsonString(), Encoding.UTF8);
            request.Content.Headers.ContentType = new MediaTypeHeaderValue(type);
        }

        using var answer = await http.SendAsync(request, Token);
        var text = await answer.Content.ReadAsStringAsync(Token);
        return answer.StatusCode == expected
            ? JsonNode.Parse(text)!.AsObject()
            : throw new InvalidOperationException($"{method} {path}: {(int)answer.StatusCode}, not {(int)expected}: {text}");
    }

    private static async Task<StreamReader> WatchAsync(HttpClient http, string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(path, UriKind.Relative));
        var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Token);
        return new StreamReader(await answer.EnsureSuccessStatusCode().Content.ReadAsStreamAsync(Token));
    }

    private sealed record ServedKind(string Resource, string ApiVersion, string Kind, string Path, string AllPath, bool HasStatus, bool HasDeleteCollection);
}
