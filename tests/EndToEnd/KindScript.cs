using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;

namespace Modular.EndToEnd;

/// <summary>What every kind is carried through: it is made, listed, watched, changed in every way, and deleted; each verb that worked is written down.</summary>
internal sealed class KindScript(JsonRequests requests, ServedResource kind)
{
    private const string Label = "script";

    private readonly HashSet<string> _worked = new(StringComparer.Ordinal);
    private readonly List<string> _events = [];

    private string First { get; } = $"{kind.Path}/{KindSamples.Name(kind.Resource, 1)}";

    /// <summary>Carries a kind through.</summary>
    /// <returns>The verbs that worked; of subresources as SUBRESOURCE VERB.</returns>
    /// <exception cref="InvalidOperationException">An answer was another than it should be.</exception>
    public async Task<IReadOnlySet<string>> RunAsync(CancellationToken cancellationToken)
    {
        var made = await CreateAsync();
        var list = await ListAsync();
        using var watch = await requests.WatchAsync($"{kind.Path}?watch=true&labelSelector={Label}%3Dyes&resourceVersion={list["metadata"]!["resourceVersion"]}");
        var changed = await ChangeAsync(made);
        if (kind.Subresources.Any(subresource => subresource.Name == "status"))
        {
            await ChangeStatusAsync(changed);
        }

        foreach (var subresource in kind.Subresources)
        {
            foreach (var verb in await new SubresourceProbe(requests, First, kind.Resource, subresource).RunAsync())
            {
                _worked.Add($"{subresource.Name} {verb}");
            }
        }

        await DeleteAsync();
        if (kind.Verbs.Contains("deletecollection"))
        {
            await DeleteCollectionAsync();
        }

        foreach (var expected in _events)
        {
            Assert.Equal(expected, (string?)JsonNode.Parse((await watch.ReadLineAsync(cancellationToken))!)!["type"]);
        }

        _worked.Add("watch");
        return _worked;
    }

    private async Task<JsonObject> CreateAsync()
    {
        var made = await requests.SendAsync(HttpMethod.Post, kind.Path, Sample(1), HttpStatusCode.Created);
        Assert.NotNull(made["metadata"]!["uid"]);
        Assert.NotNull(made["metadata"]!["creationTimestamp"]);
        Assert.Equal("AlreadyExists", (string?)(await requests.SendAsync(HttpMethod.Post, kind.Path, Sample(1), HttpStatusCode.Conflict))["reason"]);
        _worked.Add("create");
        return made;
    }

    private async Task<JsonObject> ListAsync()
    {
        var list = await requests.GetAsync($"{kind.Path}?labelSelector={Label}%3Dyes");
        Assert.Equal(KindSamples.Name(kind.Resource, 1), (string?)Assert.Single(list["items"]!.AsArray())!["metadata"]!["name"]);
        Assert.Single((await requests.GetAsync($"{kind.AllPath}?labelSelector={Label}%3Dyes"))["items"]!.AsArray());
        _worked.Add("list");
        return list;
    }

    private async Task<JsonObject> ChangeAsync(JsonObject made)
    {
        var merged = await requests.SendAsync(
            HttpMethod.Patch, First, JsonNode.Parse("""{"metadata":{"annotations":{"merged":"yes"}}}"""), HttpStatusCode.OK, "application/merge-patch+json");
        var patched = await requests.SendAsync(
            HttpMethod.Patch, First, JsonNode.Parse("""{"metadata":{"labels":{"patched":"yes"}}}"""), HttpStatusCode.OK, "application/strategic-merge-patch+json");
        Assert.True(Revision(made) < Revision(merged) && Revision(merged) < Revision(patched), "revisions grow");
        _worked.Add("patch");
        patched["metadata"]!["annotations"]!["put"] = "yes";
        var put = await requests.SendAsync(HttpMethod.Put, First, patched, HttpStatusCode.OK);
        Assert.Equal(
            ("yes", "yes", "yes"),
            ((string?)put["metadata"]!["annotations"]!["merged"], (string?)put["metadata"]!["annotations"]!["put"], (string?)put["metadata"]!["labels"]!["patched"]));
        _worked.Add("update");
        Assert.True(JsonNode.DeepEquals(put, await requests.GetAsync(First)), "what was written is read");
        _worked.Add("get");
        _events.AddRange(["MODIFIED", "MODIFIED", "MODIFIED"]);
        return put;
    }

    private async Task ChangeStatusAsync(JsonObject before)
    {
        var status = await requests.SendAsync(
            HttpMethod.Patch, $"{First}/status", JsonNode.Parse("""{"metadata":{"annotations":{"status":"yes"}},"spec":null}"""), HttpStatusCode.OK,
            "application/merge-patch+json");
        Assert.Equal("yes", (string?)status["metadata"]!["annotations"]!["status"]);
        Assert.True(JsonNode.DeepEquals(before["spec"], status["spec"]), "a write of status leaves the rest");
        _events.Add("MODIFIED");
    }

    private async Task DeleteAsync()
    {
        // A namespace goes when what is in it has gone, which takes a controller.
        if (kind.Resource == "v1/namespaces")
        {
            await requests.SendAsync(HttpMethod.Delete, $"{First}?dryRun=All", null, HttpStatusCode.OK);
        }
        else
        {
            var answer = await requests.SendAsync(HttpMethod.Delete, First, null, HttpStatusCode.OK);
            Assert.True((string?)answer["kind"] == kind.Kind || (string?)answer["status"] == "Success", "a deletion is answered with the object or a success");
            await requests.SendAsync(HttpMethod.Get, First, null, HttpStatusCode.NotFound);
            _events.Add("DELETED");
        }

        _worked.Add("delete");
    }

    private async Task DeleteCollectionAsync()
    {
        await requests.SendAsync(HttpMethod.Post, kind.Path, Sample(2), HttpStatusCode.Created);
        await requests.SendAsync(HttpMethod.Post, kind.Path, Sample(3), HttpStatusCode.Created);
        await requests.SendAsync(HttpMethod.Delete, $"{kind.Path}?labelSelector={Label}%3Dyes", null, HttpStatusCode.OK);
        Assert.Empty((await requests.GetAsync($"{kind.Path}?labelSelector={Label}%3Dyes"))["items"]!.AsArray());
        _events.AddRange(["ADDED", "ADDED", "DELETED", "DELETED"]);
        _worked.Add("deletecollection");
    }

    private JsonObject Sample(int number)
    {
        var obj = JsonNode.Parse(KindSamples.All[kind.Resource])!.AsObject();
        obj["apiVersion"] = kind.ApiVersion;
        obj["kind"] = kind.Kind;
        obj["metadata"] = new JsonObject { ["name"] = KindSamples.Name(kind.Resource, number), ["labels"] = new JsonObject { [Label] = "yes" } };
        return obj;
    }

    private static long Revision(JsonObject obj) => long.Parse((string)obj["metadata"]!["resourceVersion"]!, CultureInfo.InvariantCulture);
}
