using System.Globalization;
using System.Text;

namespace LargeStore;

/// <summary>Nodes, and pods bound to them, in namespaces of equal size.</summary>
internal sealed class Workload(HttpClient http, int nodes, int pods, int namespaces)
{
    private const int Clients = 16;

    public static string Namespace(int number) => string.Create(CultureInfo.InvariantCulture, $"ns-{number:000}");

    public async Task CreateNamespaceAsync(string name)
    {
        await PostAsync("/api/v1/namespaces", $$$"""{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"{{{name}}}"}}""");
        await PostAsync($"/api/v1/namespaces/{name}/serviceaccounts", """{"apiVersion":"v1","kind":"ServiceAccount","metadata":{"name":"default"}}""");
    }

    public Task CreateNodesAsync() => ForAsync(nodes, i => PostAsync("/api/v1/nodes", Node(i)));

    /// <summary>Creates the pods of one namespace.</summary>
    public Task CreatePodsAsync(int ns) => ForAsync(
        pods / namespaces, i => CreatePodAsync(Namespace(ns), string.Create(CultureInfo.InvariantCulture, $"pod-{i:00000}"), (ns * (pods / namespaces)) + i));

    public Task CreatePodAsync(string ns, string name, int number) => PostAsync($"/api/v1/namespaces/{ns}/pods", Pod(name, number % nodes));

    private static Task ForAsync(int count, Func<int, Task> action) => Parallel.ForEachAsync(
        Enumerable.Range(0, count), new ParallelOptions { MaxDegreeOfParallelism = Clients }, async (i, _) => await action(i));

    private async Task PostAsync(string path, string body)
    {
        using var answer = await http.PostAsync(new Uri(path, UriKind.Relative), new StringContent(body, Encoding.UTF8, "application/json"));
        answer.EnsureSuccessStatusCode();
    }

    private static string NodeName(int number) => string.Create(CultureInfo.InvariantCulture, $"node-{number:0000}");

    private static string Node(int number) => $$$"""
        {"apiVersion":"v1","kind":"Node","metadata":{"name":"{{{NodeName(number)}}}","labels":{"kubernetes.io/hostname":"{{{NodeName(number)}}}",
        "kubernetes.io/os":"linux","kubernetes.io/arch":"amd64","topology.kubernetes.io/zone":"z{{{number % 3}}}"}},
        "status":{"capacity":{"cpu":"32","memory":"128Gi","pods":"110"},"allocatable":{"cpu":"32","memory":"128Gi","pods":"110"},
        "conditions":[{"type":"Ready","status":"True","reason":"KubeletReady","message":"kubelet is posting ready status"}]}}
        """;

    private static string Pod(string name, int node) => $$$$"""
        {"apiVersion":"v1","kind":"Pod","metadata":{"name":"{{{{name}}}}","labels":{"app":"bench","shard":"{{{{node % 10}}}}"}},"spec":{"nodeName":"{{{{NodeName(node)}}}}",
        "containers":[{"name":"main","image":"registry.invalid/app:1","command":["/bin/app","--flag=value"],"env":[{"name":"MODE","value":"bench"}],
        "ports":[{"containerPort":8080}],"resources":{"requests":{"cpu":"100m","memory":"128Mi"},"limits":{"memory":"256Mi"}}}]}}
        """;
}
