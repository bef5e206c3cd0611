namespace Modular.EndToEnd;

/// <summary>Volumes of objects that change while a pod runs, and of memory, in a true cluster.</summary>
public sealed class VolumeTests
{
    private static string Settings(string word) => $$"""
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: settings}
        data: {word: {{word}}}
        """;

    private const string Pod = """
        apiVersion: v1
        kind: Secret
        metadata: {name: keys}
        stringData: {password: hush}
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: reader, labels: {app: reader}}
        spec:
          terminationGracePeriodSeconds: 1
          volumes:
          - {name: settings, configMap: {name: settings}}
          - {name: shared, emptyDir: {medium: Memory}}
          - name: all
            projected:
              sources:
              - {secret: {name: keys}}
              - {downwardAPI: {items: [{path: labels, fieldRef: {fieldPath: metadata.labels}}]}}
          initContainers:
          - name: pusher
            image: host
            restartPolicy: Always
            command: [sh, -c, "while true; do cat $VOLUME_SETTINGS/word > $VOLUME_SHARED/new; mv $VOLUME_SHARED/new $VOLUME_SHARED/word; sleep 0.1; done"]
            volumeMounts: [{name: settings, mountPath: /settings}, {name: shared, mountPath: /shared}]
          containers:
          - name: reader
            image: host
            command: [sh, -c, "cat $VOLUME_ALL/password $VOLUME_ALL/labels; while true; do cat $VOLUME_SHARED/word; echo; sleep 0.1; done"]
            volumeMounts: [{name: all, mountPath: /all}, {name: shared, mountPath: /shared}]
            lifecycle: {postStart: {exec: {command: [sh, -c, "until [ -s $VOLUME_SHARED/word ]; do sleep 0.1; done"]}}}
        """;

    [Theory]
    [MemberData(nameof(ClusterModes.Both), MemberType = typeof(ClusterModes))]
    public async Task A_pod_waits_for_its_settings_sees_them_change_and_leaves_nothing_mounted(string mode)
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var cluster = await TestCluster.StartAsync(cancellation, "--mode", mode);
        (await cluster.ApplyAsync(Pod, cancellation)).MustSucceed();
        await UntilAsync(cluster, "get", ["events"], output => output.Contains("configmap \"settings\" not found", StringComparison.Ordinal), cancellation);
        (await cluster.ApplyAsync(Settings("before"), cancellation)).MustSucceed();
        await cluster.WaitAsync("pod/reader", "condition=Ready", cancellation);
        await UntilAsync(cluster, "logs", ["reader", "-c", "reader"], output => output.Contains("before", StringComparison.Ordinal), cancellation);
        (await cluster.ApplyAsync(Settings("after"), cancellation)).MustSucceed();
        await UntilAsync(cluster, "logs", ["reader", "-c", "reader"], output => output.Contains("after", StringComparison.Ordinal), cancellation);
        var log = (await cluster.RunAsync(cancellation, "logs", "reader", "-c", "reader")).MustSucceed().Output;
        Assert.StartsWith("hushapp=\"reader\"", log, StringComparison.Ordinal);
        Assert.DoesNotContain("hush", await File.ReadAllTextAsync(cluster.LogFile, cancellation), StringComparison.Ordinal);

        (await cluster.RunAsync(cancellation, "down")).MustSucceed();
        Assert.DoesNotContain(cluster.DataDirectory, await File.ReadAllTextAsync("/proc/self/mountinfo", cancellation), StringComparison.Ordinal);
    }

    private static async Task UntilAsync(TestCluster cluster, string command, string[] arguments, Func<string, bool> holds, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(TimeSpan.FromMinutes(3));
        while (await cluster.RunAsync(limit.Token, [command, .. arguments]) is var result && !holds(result.Output))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(100), limit.Token);
        }
    }
}
