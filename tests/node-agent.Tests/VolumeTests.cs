using System.Text;
using System.Text.Json.Nodes;
using Modular.Abstractions;
using Modular.Models;
using Modular.Plugins.NodeAgent.Volumes;

namespace Modular.Plugins.NodeAgent.Tests;

public sealed class VolumeTests : IAsyncLifetime
{
    private readonly AgentFixture _fixture = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task Entries_of_a_config_map_are_files()
    {
        PutConfigMap("""{"data":{"a":"1","b":"2"},"binaryData":{"c":"AAEC"}}""");
        var pod = BindWith("""{"configMap":{"name":"settings"}}""");
        await _fixture.UntilReadyAsync(pod);
        Assert.Equal("1", Read("a"));
        Assert.Equal([0, 1, 2], File.ReadAllBytes(In("c")));
        Assert.Equal("..data/a", new FileInfo(In("a")).LinkTarget);
        Assert.Equal(Convert.ToInt32("644", 8), (int)File.GetUnixFileMode(In("a")));
        Assert.True(_fixture.Runtime.Specs["web_main_0"].Mounts[0].ReadOnly);
    }

    [Fact]
    public async Task Entries_get_the_paths_and_modes_that_are_wished_for()
    {
        PutConfigMap("""{"data":{"a":"1","b":"2"}}""");
        var pod = BindWith("""{"configMap":{"name":"settings","defaultMode":256,"items":[{"key":"a","path":"deep/er/a.txt"},{"key":"b","path":"b","mode":448}]}}""");
        await _fixture.UntilReadyAsync(pod);
        Assert.Equal("1", Read("deep/er/a.txt"));
        Assert.Equal(Convert.ToInt32("400", 8), (int)File.GetUnixFileMode(In("deep/er/a.txt")));
        Assert.Equal(Convert.ToInt32("700", 8), (int)File.GetUnixFileMode(In("b")));
        Assert.False(Path.Exists(In("a")));
    }

    [Fact]
    public async Task Changes_arrive_all_at_once_while_the_pod_runs()
    {
        PutConfigMap("""{"data":{"a":"1","b":"1"}}""");
        var pod = BindWith("""{"configMap":{"name":"settings"}}""");
        await _fixture.UntilReadyAsync(pod);
        var before = new FileInfo(In("..data")).LinkTarget;
        PutConfigMap("""{"data":{"a":"2","c":"2"}}""");
        await _fixture.UntilAsync(() => new FileInfo(In("..data")).LinkTarget != before);
        await _fixture.UntilAsync(() => !Path.Exists(In("b")));
        Assert.Equal("2", Read("a"));
        Assert.Equal("2", Read("c"));
    }

    [Fact]
    public async Task Who_was_on_the_way_to_a_file_that_changes_finds_it_as_it_was()
    {
        PutConfigMap("""{"data":{"a":"0"}}""");
        var pod = BindWith("""{"configMap":{"name":"settings"}}""");
        await _fixture.UntilReadyAsync(pod);
        for (var i = 1; i <= 3; i++)
        {
            var before = In(new FileInfo(In("..data")).LinkTarget!);
            PutConfigMap($$$"""{"data":{"a":"{{{i}}}"}}""");
            await _fixture.UntilAsync(() => Read("a") == $"{i}");
            Assert.Equal($"{i - 1}", await File.ReadAllTextAsync(Path.Combine(before, "a"), TestContext.Current.CancellationToken));
        }

        await _fixture.UntilAsync(() => Directory.GetDirectories(Volume, "..2*").Length == 2);
    }

    [Theory]
    [InlineData("""{"configMap":{"name":"settings"}}""", "configmap \"settings\" not found")]
    [InlineData("""{"secret":{"secretName":"keys"}}""", "secret \"keys\" not found")]
    [InlineData("""{"projected":{"sources":[{"configMap":{"name":"settings"}}]}}""", "configmap \"settings\" not found")]
    [InlineData("""{"projected":{"sources":[{"serviceAccountToken":{"path":"token"}}]}}""", "does not issue tokens")]
    [InlineData("""{"persistentVolumeClaim":{"claimName":"c"}}""", "does not serve yet")]
    public async Task A_pod_waits_for_its_volumes_and_says_so(string source, string why)
    {
        var pod = BindWith(source);
        await _fixture.UntilEventAsync("FailedMount");
        var message = _fixture.Events("FailedMount").First().Message;
        Assert.StartsWith("MountVolume.SetUp failed for volume \"data\" : ", message, StringComparison.Ordinal);
        Assert.Contains(why, message, StringComparison.Ordinal);
        await _fixture.UntilAsync(() => _fixture.Container(pod)?.State.Waiting?.Reason == "ContainerCreating");
        Assert.Equal(0, _fixture.Runtime.Starts);
    }

    [Fact]
    public async Task What_was_waited_for_is_used_when_it_comes()
    {
        var pod = BindWith("""{"configMap":{"name":"settings","items":[{"key":"late","path":"late"}]}}""");
        await _fixture.UntilEventAsync("FailedMount");
        PutConfigMap("""{"data":{"a":"1"}}""");
        await _fixture.UntilAsync(() => _fixture.Events("FailedMount").Any(entry => entry.Message.EndsWith("references non-existent config key: late", StringComparison.Ordinal)));
        PutConfigMap("""{"data":{"late":"1"}}""");
        await _fixture.UntilReadyAsync(pod);
        Assert.Equal("1", Read("late"));
    }

    [Fact]
    public async Task What_is_optional_may_be_missing_and_may_come_later()
    {
        var pod = BindWith("""{"configMap":{"name":"settings","optional":true}}""");
        await _fixture.UntilReadyAsync(pod);
        Assert.Empty(Directory.GetFiles(Volume));
        PutConfigMap("""{"data":{"a":"1"}}""");
        await _fixture.UntilAsync(() => File.Exists(In("a")));
        _fixture.Api.Remove(new ResourceName(KubernetesResources.ConfigMaps, "default", "settings"));
        await _fixture.UntilAsync(() => !File.Exists(In("a")));
    }

    [Fact]
    public async Task A_running_pod_keeps_what_was_deleted()
    {
        PutConfigMap("""{"data":{"a":"1"}}""");
        var pod = BindWith("""{"configMap":{"name":"settings"}}""");
        await _fixture.UntilReadyAsync(pod);
        _fixture.Api.Remove(new ResourceName(KubernetesResources.ConfigMaps, "default", "settings"));
        await _fixture.UntilEventAsync("FailedMount");
        Assert.Equal("1", Read("a"));
        _fixture.Runtime.End("web_main_0", 1);
        await _fixture.UntilAsync(() => _fixture.Container(pod) is { RestartCount: 1, Ready: true });
    }

    [Fact]
    public async Task Secrets_are_decoded_and_for_nobody_else_on_the_machine()
    {
        _fixture.Api.Put(KubernetesResources.Secrets, JsonNode.Parse("""
            {"apiVersion":"v1","kind":"Secret","metadata":{"name":"keys","namespace":"default"},"data":{"password":"aHVzaA=="}}
            """)!.AsObject());
        var pod = BindWith("""{"secret":{"secretName":"keys","defaultMode":256}}""");
        await _fixture.UntilReadyAsync(pod);
        Assert.Equal("hush", Read("password"));
        Assert.Equal(UnixFileMode.UserRead, File.GetUnixFileMode(In("password")));
        Assert.Equal(Convert.ToInt32("700", 8), (int)File.GetUnixFileMode(Path.Combine(_fixture.Root, "pods", "web")));
        Assert.DoesNotContain(_fixture.Api.All(KubernetesResources.Events), entry => entry.ToJsonObject().ToJsonString().Contains("hush", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Facts_about_the_pod_are_files_that_follow_it()
    {
        var pod = BindWith("""
            {"downwardAPI":{"items":[
              {"path":"labels","fieldRef":{"fieldPath":"metadata.labels"}},{"path":"name","fieldRef":{"fieldPath":"metadata.name"}},
              {"path":"cpu","resourceFieldRef":{"containerName":"main","resource":"limits.cpu","divisor":"1m"}},
              {"path":"memory","resourceFieldRef":{"containerName":"main","resource":"requests.memory","divisor":"1Mi"}}]}}
            """, """ "resources":{"limits":{"cpu":"250m"},"requests":{"memory":"1500Ki"}} """);
        await _fixture.UntilReadyAsync(pod);
        Assert.Equal("app=\"web\"", Read("labels"));
        Assert.Equal(["web", "250", "2"], new[] { "name", "cpu", "memory" }.Select(Read));
        var obj = _fixture.Api.Find(pod)!.ToJsonObject();
        obj["metadata"]!["labels"]!["note"] = "two\nlines \"quoted\"";
        _fixture.Api.Put(KubernetesResources.Pods, obj);
        await _fixture.UntilAsync(() => Read("labels") == "app=\"web\"\nnote=\"two\\nlines \\\"quoted\\\"\"");
    }

    [Fact]
    public async Task Several_sources_share_a_directory()
    {
        PutConfigMap("""{"data":{"a":"1"}}""");
        var pod = BindWith("""
            {"projected":{"defaultMode":384,"sources":[{"configMap":{"name":"settings","items":[{"key":"a","path":"conf/a","mode":256}]}},
              {"secret":{"name":"missing","optional":true}},{"downwardAPI":{"items":[{"path":"name","fieldRef":{"fieldPath":"metadata.name"}}]}}]}}
            """);
        await _fixture.UntilReadyAsync(pod);
        Assert.Equal(("1", "web"), (Read("conf/a"), Read("name")));
        Assert.Equal(Convert.ToInt32("400", 8), (int)File.GetUnixFileMode(In("conf/a")));
        Assert.Equal(Convert.ToInt32("600", 8), (int)File.GetUnixFileMode(In("name")));
    }

    [Fact]
    public async Task An_agent_that_was_away_goes_on_with_the_files_as_they_are()
    {
        PutConfigMap("""{"data":{"a":"1"}}""");
        var pod = BindWith("""{"configMap":{"name":"settings"}}""");
        await _fixture.UntilReadyAsync(pod);
        var before = new FileInfo(In("..data")).LinkTarget;
        await _fixture.KillAsync();
        _fixture.Start();
        PutConfigMap("""{"metadata":{"labels":{"x":"y"}},"data":{"a":"1"}}""");
        await _fixture.UntilReadyAsync(pod);
        PutConfigMap("""{"data":{"a":"2"}}""");
        await _fixture.UntilAsync(() => Read("a") == "2");
        Assert.NotEqual(before, new FileInfo(In("..data")).LinkTarget);
        Assert.Equal(1, _fixture.Runtime.Starts);
    }

    [Fact]
    public async Task Empty_directories_are_for_everybody_and_go_with_the_pod()
    {
        var pod = BindWith("""{"emptyDir":{"medium":"Memory","sizeLimit":"1Mi"}}""");
        await _fixture.UntilReadyAsync(pod);
        Assert.Equal(Convert.ToInt32("777", 8), (int)File.GetUnixFileMode(Volume));
        await File.WriteAllTextAsync(In("file"), "x", TestContext.Current.CancellationToken);
        _fixture.Delete(pod, 0);
        await _fixture.UntilAsync(() => _fixture.Runtime.SandboxCount == 0);
        await _fixture.UntilAsync(() => !Directory.Exists(Path.Combine(_fixture.Root, "pods", "web")));
        Assert.DoesNotContain(_fixture.Root, await File.ReadAllTextAsync("/proc/self/mountinfo", TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pod_that_keeps_more_than_it_said_is_evicted()
    {
        var pod = BindWith("""{"emptyDir":{"sizeLimit":"1Ki"}}""");
        await _fixture.UntilReadyAsync(pod);
        await File.WriteAllBytesAsync(In("file"), new byte[1025], TestContext.Current.CancellationToken);
        await _fixture.AdvanceUntilAsync(() => _fixture.Status(pod) is { Phase: "Failed", Reason: "Evicted" });
        Assert.Equal("Usage of EmptyDir volume \"data\" exceeds the limit \"1Ki\". ", _fixture.Status(pod).Message);
        await _fixture.UntilEventAsync("Evicted");
    }

    [Fact]
    public async Task What_counts_in_a_volume_is_what_it_takes_on_the_disk()
    {
        var pod = BindWith("""{"emptyDir":{"sizeLimit":"1Mi"}}""");
        await _fixture.UntilReadyAsync(pod);
        await File.WriteAllBytesAsync(In("file"), new byte[400 << 10], TestContext.Current.CancellationToken);
        foreach (var name in new[] { "second", "third" })
        {
            using var link = System.Diagnostics.Process.Start("/bin/ln", [In("file"), In(name)]);
            await link.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        await using (var sparse = File.Create(In("sparse")))
        {
            sparse.SetLength(1L << 30);
        }

        var volumes = new Dictionary<string, PodVolume> { ["data"] = new(Path.GetDirectoryName(In("file"))!, ReadOnly: false) };
        Assert.Null(EmptyDirUsage.Exceeded(_fixture.Api.Find(pod)!.AsPod(), volumes));
        await File.WriteAllBytesAsync(In("more"), new byte[700 << 10], TestContext.Current.CancellationToken);
        Assert.Equal("data", EmptyDirUsage.Exceeded(_fixture.Api.Find(pod)!.AsPod(), volumes)?.Name);
    }

    [Theory]
    [InlineData("Directory", "is not a directory")]
    [InlineData("Socket", "is not a socket file")]
    [InlineData("CharDevice", "is not a character device")]
    [InlineData("BlockDevice", "is not a block device")]
    public async Task A_path_of_the_node_has_to_be_what_the_pod_expects(string type, string why)
    {
        var path = Path.Combine(_fixture.Root, "file");
        await File.WriteAllTextAsync(path, "", TestContext.Current.CancellationToken);
        BindWith($$$"""{"hostPath":{"path":"{{{path}}}","type":"{{{type}}}"}}""");
        await _fixture.UntilEventAsync("FailedMount");
        Assert.EndsWith($"hostPath type check failed: {path} {why}", _fixture.Events("FailedMount").First().Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/dev/null", "CharDevice")]
    [InlineData("ROOT/new", "")]
    [InlineData("ROOT/new", "DirectoryOrCreate")]
    [InlineData("ROOT/new", "FileOrCreate")]
    public async Task A_path_of_the_node_is_made_where_that_is_wished_for(string path, string type)
    {
        path = path.Replace("ROOT", _fixture.Root, StringComparison.Ordinal);
        var pod = BindWith($$$"""{"hostPath":{"path":"{{{path}}}","type":"{{{type}}}"}}""");
        await _fixture.UntilReadyAsync(pod);
        Assert.True(Path.Exists(path));
        Assert.Equal(path, _fixture.Runtime.Specs["web_main_0"].Mounts[0].HostPath);
    }

    private string Volume => Path.Combine(_fixture.Root, "pods", "web", "volumes", "data");

    private string In(string path) => Path.Combine(Volume, path);

    private string Read(string path) => File.ReadAllText(In(path), Encoding.UTF8);

    private ResourceName BindWith(string source, string more = "")
    {
        var volume = JsonNode.Parse(source)!.AsObject();
        volume["name"] = "data";
        return _fixture.Bind("web", $$"""
            {"containers":[{"name":"main","image":"modular","volumeMounts":[{"name":"data","mountPath":"/data"}]{{(more.Length > 0 ? "," + more : "")}}}],
             "volumes":[{{volume.ToJsonString()}}]}
            """);
    }

    private void PutConfigMap(string content)
    {
        var map = JsonNode.Parse(content)!.AsObject();
        var metadata = map["metadata"] as JsonObject ?? [];
        metadata["name"] = "settings";
        metadata["namespace"] = "default";
        map["metadata"] = metadata.DeepClone();
        map["apiVersion"] = "v1";
        map["kind"] = "ConfigMap";
        _fixture.Api.Put(KubernetesResources.ConfigMaps, map);
    }
}
