using System.Text.Json.Nodes;

namespace Modular.ApiFuzzer;

/// <summary>What holds for everything that is stored: it can be read in every form, and be written back as it was read.</summary>
internal sealed class StoreRules(FuzzClient client, TimeSpan patience)
{
    private static readonly string[] Forms = ["application/json", "application/yaml", ProtobufFormat.MediaType, "application/json;as=Table;v=v1;g=meta.k8s.io", "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io"];

    /// <summary>Reads and writes back every object.</summary>
    public async Task<IReadOnlyList<(string Problem, FuzzRequest Request, FuzzAnswer Answer)>> CheckAsync(IReadOnlyList<ResourceDefinition> kinds, CancellationToken cancellationToken)
    {
        var found = new List<(string, FuzzRequest, FuzzAnswer)>();
        foreach (var kind in kinds)
        {
            if (kind.Review is not null || !kind.Verbs.Contains("list"))
            {
                continue;
            }

            var collection = Group(kind);
            foreach (var form in Forms)
            {
                // No protobuf for those that have no such form.
                var accept = form == ProtobufFormat.MediaType && !ProtobufFormat.Speaks(kind.Schema) ? "application/json" : form;
                var all = Get($"{collection}/{kind.Resource.Resource}", accept);
                var listed = await client.SendAsync(all, patience, cancellationToken);
                if (listed.Code != 200)
                {
                    found.Add(("a list of what is stored fails", all, listed));
                }
                else if (form == "application/json")
                {
                    foreach (var item in (JsonNode.Parse(listed.Body, documentOptions: new() { MaxDepth = 300 }) as JsonObject)?.GetArray("items") ?? [])
                    {
                        await CheckAsync(kind, collection, (JsonObject)item!, found, cancellationToken);
                    }
                }
            }
        }

        return found;
    }

    private static string Group(ResourceDefinition kind) => kind.Resource.Group.Length == 0 ? $"/api/{kind.Resource.Version}" : $"/apis/{kind.Resource.ApiVersion}";

    private static FuzzRequest Get(string path, string accept) => new("GET", path, [new("Accept", accept)], []);

    private async Task CheckAsync(ResourceDefinition kind, string collection, JsonObject listed, List<(string, FuzzRequest, FuzzAnswer)> found, CancellationToken cancellationToken)
    {
        var ns = listed.GetString("metadata.namespace");
        var path = $"{collection}/{(ns is null ? "" : $"namespaces/{ns}/")}{kind.Resource.Resource}/{Uri.EscapeDataString(listed.GetString("metadata.name") ?? "")}";
        await WriteBackAsync(kind, path, "application/json", found, cancellationToken);
        await WriteBackAsync(kind, path, "application/yaml", found, cancellationToken);
        if (ProtobufFormat.Speaks(kind.Schema))
        {
            await WriteBackAsync(kind, path, ProtobufFormat.MediaType, found, cancellationToken);
        }
    }

    private async Task WriteBackAsync(ResourceDefinition kind, string path, string type, List<(string, FuzzRequest, FuzzAnswer)> found, CancellationToken cancellationToken)
    {
        var get = Get(path, type);
        var read = await client.SendAsync(get, patience, cancellationToken);
        if (read.Code != 200)
        {
            found.Add(($"what is stored cannot be read as {type}", get, read));
            return;
        }

        if (!kind.Verbs.Contains("update"))
        {
            return;
        }

        var put = new FuzzRequest("PUT", path, [new("Content-Type", type), new("Accept", "application/json")], read.Body);
        var written = await client.SendAsync(put, patience, cancellationToken);
        if (written.Code != 200)
        {
            found.Add(($"what is stored is refused when it is written back as {type}", put, written));
            return;
        }

        // Protobuf knows no difference between what is empty and what is absent, and other versions may know no order.
        if (type != ProtobufFormat.MediaType && kind.StoredAs is null && await client.SendAsync(get, patience, cancellationToken) is var again && !again.Body.AsSpan().SequenceEqual(read.Body))
        {
            found.Add(($"what is stored changes when it is written back as {type}", put, again));
        }
    }
}
