using Modular.Plugins.ResourcesKubernetes.Strategies;

namespace Modular.Plugins.ResourcesKubernetes.Tests;

public sealed class SubresourcesTests
{
    private static readonly GroupVersionKind Pod = new("", "v1", "Pod");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private const string Target = """{"target":{"name":"oak"}}""";

    [Fact]
    public async Task A_bound_pod_has_a_node_and_is_scheduled()
    {
        var pod = StrategiesFixture.Read(
            """
            {"metadata":{"name":"web","uid":"u","annotations":{"a":"1"}},"spec":{},
             "status":{"conditions":[{"type":"PodScheduled","status":"False","reason":"Unschedulable"}]}}
            """);
        var binding = StrategiesFixture.Read("""{"metadata":{"uid":"u","annotations":{"b":"2"}},"target":{"kind":"Node","name":"oak"}}""");
        var answer = await PodBindingAction.Instance.ApplyAsync(StrategiesFixture.Context, binding, pod, Token);
        Assert.Equal((null, null), (answer.Body, answer.Deletion));
        Assert.Equal("oak", pod.GetString("spec.nodeName"));
        Assert.Equal(["a", "b"], pod.GetStringMap("metadata.annotations").Keys.Order(StringComparer.Ordinal));
        var condition = Assert.Single(pod.GetArray("status.conditions")!)!.AsObject();
        Assert.Equal("True", condition.GetString("status"));
        Assert.Equal("2030-05-06T07:08:09Z", condition.GetString("lastTransitionTime"));
        Assert.Null(condition.GetString("reason"));
    }

    [Theory]
    [InlineData("""{"spec":{"nodeName":"elm"}}""", Target, "pod web is already assigned to node \"elm\"")]
    [InlineData("""{"metadata":{"deletionTimestamp":"2030-01-01T00:00:00Z"},"spec":{}}""", Target, "pod web is being deleted, cannot be assigned to a host")]
    [InlineData("""{"spec":{"schedulingGates":[{"name":"g"}]}}""", Target, "pod web has non-empty .spec.schedulingGates")]
    [InlineData(
        """{"metadata":{"uid":"u"},"spec":{}}""",
        """{"metadata":{"uid":"v"},"target":{"name":"oak"}}""",
        "Precondition failed: UID in precondition: v, UID in object meta: u")]
    public async Task A_pod_is_bound_once_and_only_the_pod_meant(string pod, string binding, string why)
    {
        var obj = StrategiesFixture.Read(pod);
        var failure = await Assert.ThrowsAsync<ApiException>(
            async () => await PodBindingAction.Instance.ApplyAsync(StrategiesFixture.Context, StrategiesFixture.Read(binding), obj, Token));
        Assert.Equal(409, failure.Status.Code);
        Assert.Equal($"Operation cannot be fulfilled on pods/binding \"web\": {why}", failure.Message);
    }

    [Theory]
    [InlineData("""{"target":{"name":""}}""", "target.name")]
    [InlineData("""{"target":{"kind":"Tree","name":"oak"}}""", "target.kind")]
    public async Task A_binding_names_a_node(string binding, string field)
    {
        var failure = await Assert.ThrowsAsync<ApiException>(async () => await PodBindingAction.Instance.ApplyAsync(
            StrategiesFixture.Context, StrategiesFixture.Read(binding), StrategiesFixture.Read("""{"spec":{}}"""), Token));
        Assert.Equal(field, Assert.Single(failure.Status.Causes).Field);
    }

    [Theory]
    [InlineData("a", "", "/containerLogs/garden/web/a", "")]
    [InlineData("a", "follow=true&previous=false&tailLines=5&timestamps=1", "/containerLogs/garden/web/a", "?follow=true&timestamps=true&tailLines=5")]
    [InlineData("a", "sinceTime=2030-01-01T00:00:00%2B01:00", "/containerLogs/garden/web/a", "?sinceTime=2030-01-01T00%3A00%3A00%2B01%3A00")]
    [InlineData("a b", "container=b", "/containerLogs/garden/web/b", "")]
    [InlineData("a b", "container=init", "/containerLogs/garden/web/init", "")]
    public void Logs_are_read_from_the_pods_node(string containers, string query, string path, string passedOn)
    {
        var request = PodLogConnect.Instance.Resolve(new() { Object = PodWith(containers), Query = Parse(query) });
        Assert.Equal(new NodeRequest("oak", path, passedOn), request);
    }

    [Theory]
    [InlineData("a b", "", 400, "a container name must be specified for pod web, choose one of: [a b] or one of the init containers: [init]")]
    [InlineData("a", "container=x", 400, "container x is not valid for pod web")]
    [InlineData("a", "tailLines=x", 400, "strconv.ParseInt: parsing \"x\": invalid syntax")]
    [InlineData("a", "tailLines=-1", 422, "PodLogOptions \"web\" is invalid: tailLines: Invalid value: -1: must be greater than or equal to 0")]
    [InlineData("a", "limitBytes=0", 422, "PodLogOptions \"web\" is invalid: limitBytes: Invalid value: 0: must be greater than 0")]
    [InlineData("a", "sinceSeconds=0", 422, "PodLogOptions \"web\" is invalid: sinceSeconds: Invalid value: 0: must be greater than 0")]
    public void Wrong_log_requests_are_refused(string containers, string query, int code, string message)
    {
        var failure = Assert.Throws<ApiException>(() => PodLogConnect.Instance.Resolve(new() { Object = PodWith(containers), Query = Parse(query) }));
        Assert.Equal((code, message), (failure.Status.Code, failure.Message));
    }

    [Fact]
    public void A_pod_without_a_node_cannot_stream()
    {
        var pod = PodWith("a", node: "");
        var log = Assert.Throws<ApiException>(() => PodLogConnect.Instance.Resolve(new() { Object = pod, Query = [] }));
        var exec = Assert.Throws<ApiException>(() => PodExecConnect.Instance.Resolve(new() { Object = pod, Query = Parse("command=ls&stdout=1") }));
        Assert.Equal((400, "pod web does not have a host assigned"), (log.Status.Code, log.Message));
        Assert.Equal((400, "pod web does not have a host assigned"), (exec.Status.Code, exec.Message));
    }

    [Theory]
    [InlineData("a b", "command=sh&command=-c&command=a%26b&stdin=true&stdout=true&tty=true", "a", "?command=sh&command=-c&command=a%26b&stdin=true&stdout=true&tty=true")]
    [InlineData("a b", "command=ls&container=b&stderr=true&stdin=false", "b", "?command=ls&stderr=true")]
    public void A_command_runs_on_the_pods_node(string containers, string query, string container, string passedOn) => Assert.Equal(
        new NodeRequest("oak", "/exec/garden/web/" + container, passedOn),
        PodExecConnect.Instance.Resolve(new() { Object = PodWith(containers), Query = Parse(query) }));

    [Theory]
    [InlineData("stdout=true")]
    [InlineData("command=ls")]
    public void A_command_and_a_stream_must_be_named(string query) => Assert.Equal(
        StatusReason.BadRequest, Assert.Throws<ApiException>(() => PodExecConnect.Instance.Resolve(new() { Object = PodWith("a"), Query = Parse(query) })).Reason);

    [Theory]
    [InlineData("a", "stdin=true&stdout=true&stderr=false&tty=true", "a", "?stdin=true&stdout=true&tty=true")]
    [InlineData("a b", "container=b&stdout=1", "b", "?stdout=true")]
    [InlineData("a b", "container=init&stdin=1", "init", "?stdin=true")]
    public void A_container_is_attached_to_on_the_pods_node(string containers, string query, string container, string passedOn) => Assert.Equal(
        new NodeRequest("oak", "/attach/garden/web/" + container, passedOn),
        PodAttachConnect.Instance.Resolve(new() { Object = PodWith(containers), Query = Parse(query) }));

    [Theory]
    [InlineData("a", "oak", "", "you must specify at least 1 of stdin, stdout, stderr")]
    [InlineData("a", "oak", "container=x&stdout=1", "container x is not valid for pod web")]
    [InlineData("a", "", "stdout=1", "pod web does not have a host assigned")]
    [InlineData("a b", "oak", "stdout=1", "a container name must be specified for pod web, choose one of: [a b] or one of the init containers: [init]")]
    public void Wrong_attach_requests_are_refused(string containers, string node, string query, string message)
    {
        var failure = Assert.Throws<ApiException>(() => PodAttachConnect.Instance.Resolve(new() { Object = PodWith(containers, node), Query = Parse(query) }));
        Assert.Equal((400, message), (failure.Status.Code, failure.Message));
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("ports=80&ports=8080,9090", "?port=80&port=8080&port=9090")]
    public void Ports_are_forwarded_by_the_pods_node(string query, string passedOn) => Assert.Equal(
        new NodeRequest("oak", "/portForward/garden/web", passedOn), PodPortForwardConnect.Instance.Resolve(new() { Object = PodWith("a"), Query = Parse(query) }));

    [Theory]
    [InlineData("ports=0")]
    [InlineData("ports=65536")]
    [InlineData("ports=80,http")]
    [InlineData("ports=")]
    public void A_port_is_a_number(string query) => Assert.StartsWith(
        "ports: ", Assert.Throws<ApiException>(() => PodPortForwardConnect.Instance.Resolve(new() { Object = PodWith("a"), Query = Parse(query) })).Message, StringComparison.Ordinal);

    [Fact]
    public void The_author_of_a_pod_says_which_container_is_meant()
    {
        var pod = PodWith("a b", annotation: "b");
        Assert.EndsWith("/b", PodLogConnect.Instance.Resolve(new() { Object = pod, Query = [] }).Path, StringComparison.Ordinal);
        Assert.EndsWith("/b", PodExecConnect.Instance.Resolve(new() { Object = pod, Query = Parse("command=ls&stdout=1") }).Path, StringComparison.Ordinal);
    }

    private static ApiObject PodWith(string containers, string node = "oak", string annotation = "")
    {
        var list = string.Join(',', containers.Split(' ').Select(name => $"{{\"name\":\"{name}\"}}"));
        var body = $$$"""
            {"apiVersion":"v1","kind":"Pod","metadata":{"name":"web","namespace":"garden",
             "annotations":{"kubectl.kubernetes.io/default-container":"{{{annotation}}}"}},
             "spec":{"nodeName":"{{{node}}}","containers":[{{{list}}}],"initContainers":[{"name":"init"}]}}
            """;
        return new ApiObject(Pod, ObjectEncoding.Encode(StrategiesFixture.Read(body)), 1);
    }

    private static List<KeyValuePair<string, string>> Parse(string query) =>
    [
        .. query.Split('&', StringSplitOptions.RemoveEmptyEntries).Select(part => part.Split('=', 2)).Select(
            pair => KeyValuePair.Create(pair[0], Uri.UnescapeDataString(pair[1]))),
    ];
}
