using System.Net;
using System.Text;
using System.Text.Json;

namespace ServiceChurn;

/// <summary>A service without a selector, whose endpoints this program writes.</summary>
internal sealed class ChurnedService(HttpClient http, Endpoints endpoints, string name)
{
    public const int HttpPort = 8080;
    public const int TcpPort = 9090;

    private const int EndpointCount = 3;

    private readonly List<IPAddress> _addresses = [.. Enumerable.Range(0, EndpointCount).Select(_ => endpoints.NewAddress())];

    /// <summary>The virtual address.</summary>
    public IPAddress Address { get; private set; } = IPAddress.None;

    public async Task CreateAsync()
    {
        var service = $$$"""
            {"apiVersion":"v1","kind":"Service","metadata":{"name":"{{{name}}}"},"spec":{"ports":[
            {"name":"http","port":{{{HttpPort}}},"appProtocol":"http"},{"name":"raw","port":{{{TcpPort}}}}]}}
            """;
        using var answer = await http.PostAsync("/api/v1/namespaces/default/services", Json(service));
        answer.EnsureSuccessStatusCode();
        using var created = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        Address = IPAddress.Parse(created.RootElement.GetProperty("spec").GetProperty("clusterIP").GetString()!);
        using var slice = await http.PostAsync("/apis/discovery.k8s.io/v1/namespaces/default/endpointslices", Json(Slice()));
        slice.EnsureSuccessStatusCode();
    }

    /// <summary>Puts another endpoint in the place of one, which ends a second later.</summary>
    public async Task ChangeAsync()
    {
        var old = _addresses[0];
        _addresses.RemoveAt(0);
        _addresses.Add(endpoints.NewAddress());
        using var answer = await http.PutAsync($"/apis/discovery.k8s.io/v1/namespaces/default/endpointslices/{name}", Json(Slice()));
        answer.EnsureSuccessStatusCode();
        _ = CloseAsync(old);
    }

    private async Task CloseAsync(IPAddress address)
    {
        await Task.Delay(TimeSpan.FromSeconds(1));
        endpoints.Close(address);
    }

    private string Slice() => $$$"""
        {"apiVersion":"discovery.k8s.io/v1","kind":"EndpointSlice","addressType":"IPv4",
        "metadata":{"name":"{{{name}}}","labels":{"kubernetes.io/service-name":"{{{name}}}"}},
        "endpoints":[{{{string.Join(',', _addresses.Select(address => $$$"""{"addresses":["{{{address}}}"],"conditions":{"ready":true}}"""))}}}],
        "ports":[{"name":"http","port":{{{endpoints.Port}}}},{"name":"raw","port":{{{endpoints.Port}}}}]}
        """;

    private static StringContent Json(string text) => new(text, Encoding.UTF8, "application/json");
}
