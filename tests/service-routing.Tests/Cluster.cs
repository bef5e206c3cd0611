using System.Text;
using System.Text.Json.Nodes;
using Modular.ApiMachinery;

namespace Modular.Plugins.ServiceRouting.Tests;

/// <summary>Services and endpoint slices as an API server would show them.</summary>
internal static class Cluster
{
    public static JsonObject Service(string name, string spec, string labels = "{}") => JsonNode.Parse(
        $$"""{"apiVersion":"v1","kind":"Service","metadata":{"name":"{{name}}","labels":{{labels}} },"spec":{{spec}} }""")!.AsObject();

    public static JsonObject Slice(string name, string service, string ports, string endpoints) => JsonNode.Parse(
        $$"""
        {"apiVersion":"discovery.k8s.io/v1","kind":"EndpointSlice","addressType":"IPv4",
         "metadata":{"name":"{{name}}","labels":{"kubernetes.io/service-name":"{{service}}"} },"ports":{{ports}},"endpoints":{{endpoints}} }
        """)!.AsObject();

    public static string Endpoint(string address, bool ready = true, bool serving = true, bool terminating = false) =>
        $$"""{"addresses":["{{address}}"],"conditions":{"ready":{{Json(ready)}},"serving":{{Json(serving)}},"terminating":{{Json(terminating)}} } }""";

    /// <summary>As the API returns it, without one.</summary>
    public static ApiObject Stored(JsonObject obj, string uid)
    {
        obj["metadata"]!["namespace"] = "default";
        obj["metadata"]!["uid"] = uid;
        var kind = (string)obj["kind"]! == "Service" ? new GroupVersionKind("", "v1", "Service") : new GroupVersionKind("discovery.k8s.io", "v1", "EndpointSlice");
        return new ApiObject(kind, Encoding.UTF8.GetBytes(obj.ToJsonString()), 1);
    }

    private static string Json(bool value) => value ? "true" : "false";
}
