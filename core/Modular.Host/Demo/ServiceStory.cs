using System.Net;
using DnsClient;
using Modular.Host.Client;

namespace Modular.Host.Demo;

/// <summary>
/// The part of the story about a service: it has a name and an address that stay, whoever answers behind them, on a port that is proxied as
/// HTTP and on one that is passed through as it is.
/// </summary>
internal sealed class ServiceStory(Shell shell, ApiConnection api, Narrator narrator, string folder)
{
    private const int Questions = 100;
    private const string Name = "nifty.default.svc.cluster.local";

    private string _address = "";

    public async Task IntroduceAsync(IReadOnlyList<PodView> pods, CancellationToken cancellationToken)
    {
        await ApplyAsync("service.yaml", Manifest, cancellationToken);
        var service = await api.GetAsync("/api/v1/namespaces/default/services/nifty", cancellationToken);
        _address = service["spec"]!["clusterIP"]!.GetValue<string>();
        narrator.Show(await shell.MustAsync(cancellationToken, "get", "services,endpointslices"));

        var found = await ResolveAsync(cancellationToken);
        narrator.Check($"{Name} is {_address}", $"the cluster's name server says {found}", found == _address);
        foreach (var (port, how) in ((int, string)[])[(ServiceProbe.HttpPort, "as HTTP"), (ServiceProbe.TcpPort, "as TCP")])
        {
            await AskAsync(found, port, how, pods, cancellationToken);
        }
    }

    /// <summary>Asks the service without pause; half of the questions come on new connections.</summary>
    public ServiceProbe Probe() => new(_address);

    /// <summary>A pod of two containers, of which one writes what the other serves.</summary>
    public async Task ShareAsync(PodWatcher pods, CancellationToken cancellationToken)
    {
        await ApplyAsync("shared.yaml", SharedManifest, cancellationToken);
        var (seen, runs) = await pods.UntilAsync("App=Shared", p => p.Count == 1 && p[0].Serves, cancellationToken);
        var answer = runs ? await ServiceProbe.AskOnceAsync(seen[0].Ip, 8081, cancellationToken) : "the pod does not run";
        narrator.Check("one container serves what the other wrote", answer.Trim(), answer.Contains("pulled at", StringComparison.Ordinal));
        await shell.MustAsync(cancellationToken, "delete", "pod", "shared");
    }

    private async Task ApplyAsync(string file, string manifest, CancellationToken cancellationToken)
    {
        var path = Path.Combine(folder, file);
        await File.WriteAllTextAsync(path, manifest, cancellationToken);
        await shell.MustAsync(cancellationToken, "apply", "-f", path);
    }

    private async Task<string> ResolveAsync(CancellationToken cancellationToken)
    {
        var server = (await api.GetAsync("/api/v1/namespaces/kube-system/services/kube-dns", cancellationToken))["spec"]!;
        var endpoint = new IPEndPoint(IPAddress.Parse(server["clusterIP"]!.GetValue<string>()), server["ports"]![0]!["port"]!.GetValue<int>());
        narrator.Command($"dig @{endpoint.Address} -p {endpoint.Port} {Name}");
        var client = new LookupClient(new LookupClientOptions(endpoint) { UseCache = false, Timeout = TimeSpan.FromSeconds(2), Retries = 10 });
        try
        {
            var answer = await client.QueryAsync(Name, QueryType.A, cancellationToken: cancellationToken);
            return answer.Answers.ARecords().FirstOrDefault()?.Address.ToString() ?? "nothing";
        }
        catch (DnsResponseException e)
        {
            return e.Message;
        }
    }

    private async Task AskAsync(string address, int port, string how, IReadOnlyList<PodView> pods, CancellationToken cancellationToken)
    {
        narrator.Command($"for i in $(seq {Questions}); do curl -s http://{Name}:{port}/; done");
        var answers = new Dictionary<string, int>(StringComparer.Ordinal);
        var failed = 0;
        for (var i = 0; i < Questions; i++)
        {
            var answer = await ServiceProbe.AskOnceAsync(address, port, cancellationToken);
            if (pods.FirstOrDefault(pod => answer.Contains($" {pod.Name} ", StringComparison.Ordinal)) is { } pod)
            {
                answers[pod.Name] = answers.GetValueOrDefault(pod.Name) + 1;
            }
            else
            {
                failed++;
            }
        }

        narrator.Check(
            $"{Questions} requests to port {port}, carried {how}, are answered by all {pods.Count} pods",
            $"{string.Join(", ", answers.Select(a => $"{a.Key} {a.Value}"))}{(failed > 0 ? $", {failed} failed" : "")}",
            failed == 0 && answers.Count == pods.Count);
    }

    private const string Manifest = """
        apiVersion: v1
        kind: Service
        metadata:
          name: nifty
          labels: {App: Nifty}
        spec:
          selector: {App: Nifty, Phase: Dev, Role: FE}
          ports:
          - {name: web, port: 8080, targetPort: 8080, appProtocol: http}
          - {name: raw, port: 9090, targetPort: 8080}
        """;

    private const string SharedManifest = """
        apiVersion: v1
        kind: Pod
        metadata:
          name: shared
          labels: {App: Shared}
        spec:
          terminationGracePeriodSeconds: 1
          volumes: [{name: pages, emptyDir: {}}]
          containers:
          - name: puller
            image: host
            command: [sh, -c, "while true; do echo pulled at $(date +%T) > $(VOLUME_PAGES)/new; mv $(VOLUME_PAGES)/new $(VOLUME_PAGES)/index; sleep 1; done"]
            volumeMounts: [{name: pages, mountPath: /pages}]
          - name: web
            image: modular
            args: ["web", "--port", "8081", "--file", "$(VOLUME_PAGES)/index"]
            ports: [{containerPort: 8081}]
            volumeMounts: [{name: pages, mountPath: /pages}]
            readinessProbe:
              httpGet: {path: /, port: 8081}
              periodSeconds: 1
        """;
}
