using Grpc.Core;
using Modular.Abstractions;
using Modular.Fixtures;
using Modular.Testing;
using Protocol = Modular.PluginProcess.Protocol;

namespace Modular.PluginProcess.Tests;

/// <summary>A plugin in a process of its own uses contracts that others provide.</summary>
public sealed class RequirementTests
{
    private static readonly ServiceDelta Delta = new() { Revision = 7 };

    private readonly TestRole<IServiceProxy> _proxy = new();
    private readonly TestRole<IScheduler> _scheduler = new();
    private readonly TestCandidates<IScheduler> _candidates = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Whoever_provides_a_contract_is_asked(bool isProcess)
    {
        _proxy.Fill(new Proxy("first"), "proxy-one");
        await using var test = await StartAsync(isProcess);
        var relay = test.Provided<IDnsServer>();
        Assert.Equal("7: first | proxy-one of 2, available at start: True", await AskAsync(relay));
        _proxy.Fill(new Proxy("second"), "proxy-two");
        await EventuallyAsync(relay, "7: second | proxy-two of 3, available at start: True");
        _proxy.Empty();
        await EventuallyAsync(relay, "no plugin provides modular.service-proxy");
        _proxy.Fill(new Proxy("third"), "proxy-one");
        await EventuallyAsync(relay, "7: third | proxy-one of 5, available at start: True");
        await Eventually.Holds(() => _proxy.Held == 0, "the proxy is given back");
    }

    [Fact]
    public async Task What_was_meant_for_one_provider_does_not_reach_the_next()
    {
        _proxy.Fill(new Proxy("first"), "proxy-one");
        await using var test = await StartAsync(isProcess: true);
        var relay = test.Provided<IDnsServer>();
        var late = relay.ApplyAsync(Delta with { Removed = ["late"] }, Token).AsTask();
        var second = new Proxy("second");
        // Until the call waits for a change, there is none.
        while (!late.IsCompleted)
        {
            _proxy.Fill(second, "proxy-two");
            await Task.WhenAny(late, Task.Delay(50, Token));
        }

        var failure = await Assert.ThrowsAsync<PluginProcessException>(() => late);
        Assert.Contains("the provider of modular.service-proxy has changed", failure.Message, StringComparison.Ordinal);
        Assert.Equal(0, second.Asked);
    }

    [Fact]
    public async Task What_a_provider_throws_fails_the_call_and_says_whose_it_was()
    {
        _proxy.Fill(new Proxy("first") { Failure = new InvalidOperationException("the table is lost") }, "proxy-one");
        await using var test = await StartAsync(isProcess: true);
        var failure = await Assert.ThrowsAsync<PluginProcessException>(async () => await test.Provided<IDnsServer>().ApplyAsync(Delta, Token));
        Assert.Contains("proxy-one 0.1.0, asked through the host, failed", failure.Message, StringComparison.Ordinal);
        Assert.Contains("the table is lost", failure.Message, StringComparison.Ordinal);
        await Eventually.Holds(() => _proxy.Held == 0, "the proxy is given back");
    }

    [Fact]
    public async Task A_process_that_was_killed_gives_back_what_it_used_and_the_next_can_use_it()
    {
        await using var binpack = await PluginUnderTest.StartAsync("scheduler-binpack", isProcess: false);
        _scheduler.Fill(binpack.Scheduler, "scheduler-binpack");
        _proxy.Fill(new Proxy("first"), "proxy-one");
        await using var test = await StartAsync(isProcess: true);
        for (var round = 0; round < 2; round++)
        {
            await using var session = await test.Scheduler.OpenAsync(new SchedulingSessionOptions(), Token);
            Assert.True(await session.UpdateAsync(new ClusterDelta { Revision = 1 }, Token));
            Assert.Equal(1, _scheduler.Held);
            var pid = test.Pid;
            ProcessSignal.Send(pid, "KILL");
            await Eventually.Holds(() => _scheduler.Held == 0, "the scheduler is given back");
            _proxy.Fill(new Proxy($"in round {round}"), "proxy-one");
            await test.UntilReplacedAsync(pid);
            Assert.StartsWith($"7: in round {round} |", await AskAsync(test.Provided<IDnsServer>()), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Those_who_are_tried_are_asked_and_reported_of(bool isProcess)
    {
        await using var binpack = await PluginUnderTest.StartAsync("scheduler-binpack", isProcess: false);
        _candidates.Try(binpack.Scheduler, epoch: 3, new Trial(TrialMode.Canary) { Selector = "app=web", Share = 20 });
        await using var test = await StartAsync(isProcess);
        const string Report = """{"tries":"scheduler-tried","on":"Canary app=web 20"}""";
        await using (var session = await test.Scheduler.OpenAsync(new SchedulingSessionOptions { Seed = -1 }, Token))
        {
            Assert.True(await session.UpdateAsync(new ClusterDelta { Revision = 1 }, Token));
            await Eventually.Holds(() => _candidates.Said.Contains(Report), "the report arrives");
            Assert.Equal(1, _candidates.Held);
        }

        await Eventually.Holds(() => _candidates.Held == 0, "the candidate is given back");
        await using (await test.Scheduler.OpenAsync(new SchedulingSessionOptions { Seed = -2 }, Token))
        {
            await Eventually.Holds(() => _candidates.Said.Contains("TooSlow: it took too long"), "the rejection arrives");
        }

        Assert.Equal([Report, Report, "TooSlow: it took too long"], _candidates.Said.Order(StringComparer.Ordinal).Reverse());
    }

    [Fact]
    public async Task Who_is_not_tried_any_more_is_not_asked()
    {
        await using var binpack = await PluginUnderTest.StartAsync("scheduler-binpack", isProcess: false);
        await using var test = await StartAsync(isProcess: true);
        _candidates.Try(binpack.Scheduler, epoch: 3, new Trial(TrialMode.Shadow));
        var socket = Assert.Single(Directory.GetFiles(test.Context.StateDirectory, "*.contracts"));
        using var channel = PluginChannel.Open(socket);
        Assert.Equal(StatusCode.OK, await OpenAsync("tried/3"));
        Assert.Equal(StatusCode.Unavailable, await OpenAsync("tried/2"));
        Assert.Equal(StatusCode.Unavailable, await OpenAsync("other/3"));
        _candidates.Try(null, epoch: 3, new Trial(TrialMode.Shadow));
        Assert.Equal(StatusCode.Unavailable, await OpenAsync("tried/3"));
        await Eventually.Holds(() => _candidates.Held == 0, "all is given back");

        async Task<StatusCode> OpenAsync(string candidate)
        {
            using var call = new Protocol.Scheduler.SchedulerClient(channel).OpenSession(new Metadata { { ProcessProtocol.CandidateHeader, candidate } }, cancellationToken: Token);
            try
            {
                await call.RequestStream.WriteAsync(new() { Open = new() }, Token);
                await call.RequestStream.CompleteAsync();
            }
            catch (RpcException)
            {
                // Refused before it was read: why, the answer says.
            }

            try
            {
                while (await call.ResponseStream.MoveNext(Token))
                {
                    Assert.Equal(Protocol.SessionReply.ReplyOneofCase.Opened, call.ResponseStream.Current.ReplyCase);
                }

                return StatusCode.OK;
            }
            catch (RpcException e)
            {
                return e.StatusCode;
            }
        }
    }

    [Fact]
    public async Task Only_this_user_and_only_what_the_manifest_requires_is_served()
    {
        _proxy.Fill(new Proxy("first"), "proxy-one");
        string socket;
        await using (var test = await StartAsync(isProcess: true))
        {
            socket = Assert.Single(Directory.GetFiles(test.Context.StateDirectory, "*.contracts"));
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(socket));
            using var channel = PluginChannel.Open(socket);
            var served = await new Protocol.ServiceProxy.ServiceProxyClient(channel).DrainAsync(new Protocol.DrainRequest(), cancellationToken: Token);
            Assert.False(served.Used);
            var refused = await Assert.ThrowsAsync<RpcException>(async () => await new Protocol.PodNetwork.PodNetworkClient(channel).GetInfoAsync(new Protocol.NetworkInfoRequest(), cancellationToken: Token));
            Assert.Equal((StatusCode.PermissionDenied, "the plugin's manifest does not require modular.pod-network"), (refused.StatusCode, refused.Status.Detail));
        }

        Assert.False(File.Exists(socket));
    }

    private Task<PluginUnderTest> StartAsync(bool isProcess) => PluginUnderTest.StartAsync("relay-fixture", isProcess, prepare: context =>
    {
        context.Roles[typeof(IServiceProxy)] = _proxy;
        context.Roles[typeof(IScheduler)] = _scheduler;
        context.Roles[typeof(CandidateHandle<IScheduler>)] = _candidates;
    });

    /// <summary>What the plugin says, as one line.</summary>
    private static async Task<string> AskAsync(IDnsServer relay)
    {
        try
        {
            var report = await relay.ApplyAsync(Delta, Token);
            return $"{report.Revision}: {string.Join(" | ", report.Problems.Select(p => p.Reason == "Relayed" ? $"{p.ServiceUid} of {p.Port}, {p.Message}" : p.Message))}";
        }
        catch (Exception e) when (e is PluginProcessException or ContractUnavailableException)
        {
            return e.Message;
        }
    }

    private static async Task EventuallyAsync(IDnsServer relay, string expected)
    {
        var said = await AskAsync(relay);
        while (!said.Contains(expected, StringComparison.Ordinal))
        {
            await Task.Delay(10, Token);
            said = await AskAsync(relay);
        }
    }

    private sealed class Proxy(string name) : IServiceProxy
    {
        private int _asked;

        public Exception? Failure { get; init; }

        public int Asked => Volatile.Read(ref _asked);

        public ValueTask<ServiceReport> ApplyAsync(ServiceDelta delta, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _asked);
            return Failure is null
                ? ValueTask.FromResult(new ServiceReport { Revision = delta.Revision, Problems = [new ServiceProblem("u", "80", "Name", name)] })
                : throw Failure;
        }

        public ValueTask<bool> DrainAsync(string address, CancellationToken cancellationToken) => ValueTask.FromResult(false);
    }
}
