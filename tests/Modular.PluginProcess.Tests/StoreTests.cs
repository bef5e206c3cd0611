using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using Modular.Abstractions;

namespace Modular.PluginProcess.Tests;

/// <summary>A store in another process: what is said of calls when that process is lost, and what a watch sees of it.</summary>
public sealed class StoreTests
{
    private static readonly StoreWatchRequest Everything = new() { From = "/", To = "0", Revision = 1 };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_commit_whose_answer_is_lost_may_be_done_or_not()
    {
        await using var server = new StoreServer();
        var store = new ScriptedStore { Answers = false };
        await server.StartAsync(store);
        var commit = server.Store.CommitAsync(Write("/k"), Token);
        await store.Asked;
        await server.KillAsync();
        Assert.Equal(CommitOutcome.Unknown, (await commit).Outcome);
        Assert.Equal(1, store.Commits);
    }

    [Fact]
    public async Task A_commit_that_is_not_answered_in_time_may_be_done_or_not()
    {
        await using var server = new StoreServer(callTimeout: TimeSpan.FromSeconds(5));
        await server.StartAsync(new ScriptedStore { Answers = false });
        Assert.Equal(CommitOutcome.Unknown, (await server.Store.CommitAsync(Write("/k"), Token)).Outcome);
    }

    [Fact]
    public async Task A_commit_waits_until_the_process_is_there_and_has_its_store()
    {
        await using var server = new StoreServer();
        var store = new ScriptedStore();
        var commit = server.Store.CommitAsync(Write("/k"), Token);
        var contracts = await server.StartAsync(store: null);
        Assert.False(commit.IsCompleted);
        contracts.Add<IObjectStore>(store);
        var result = await commit;
        Assert.Equal((CommitOutcome.Committed, 8), (result.Outcome, result.Revision));
        Assert.Equal(1, store.Commits);
    }

    [Fact]
    public async Task A_commit_that_could_not_be_sent_has_failed()
    {
        await using var server = new StoreServer(callTimeout: TimeSpan.FromMilliseconds(200));
        var failed = await Assert.ThrowsAsync<PluginProcessException>(async () => await server.Store.CommitAsync(Write("/k"), Token));
        Assert.Equal("the process of store-test 1.0.0 did not answer within 0.2 s", failed.Message);
    }

    [Fact]
    public async Task A_question_whose_answer_is_lost_is_asked_again()
    {
        await using var server = new StoreServer();
        var first = new ScriptedStore { Answers = false };
        await server.StartAsync(first);
        var asked = server.Store.GetStatusAsync(Token);
        await first.Asked;
        await server.KillAsync();
        await server.StartAsync(new ScriptedStore());
        Assert.Equal(7, (await asked).Current);
    }

    [Fact]
    public async Task What_a_store_throws_is_not_asked_again()
    {
        await using var server = new StoreServer();
        await server.StartAsync(new ScriptedStore());
        await Assert.ThrowsAsync<PluginProcessException>(async () => await server.Store.RangeAsync(new RangeRequest { From = "/k" }, Token));
    }

    [Fact]
    public async Task A_watch_ends_with_its_process()
    {
        await using var server = new StoreServer();
        await server.StartAsync(new ScriptedStore { Watched = (3, 10) });
        var seen = new List<long>();
        await foreach (var batch in server.Store.WatchAsync(Everything, Token))
        {
            seen.Add(batch.Revision);
            if (seen.Count == 3)
            {
                await server.KillAsync();
            }
        }

        Assert.Equal([1, 2, 3], seen);
        await foreach (var batch in server.Store.WatchAsync(Everything, Token))
        {
            Assert.Fail($"there is no process, and {batch} came from it");
        }
    }

    [Fact]
    public async Task A_watch_that_nobody_reads_holds_the_store_back()
    {
        const int Most = 40;
        await using var server = new StoreServer();
        var store = new ScriptedStore { Watched = (3 * Most, 1 << 20) };
        await server.StartAsync(store);
        var read = 0;
        await foreach (var batch in server.Store.WatchAsync(Everything, Token))
        {
            read++;
            Assert.Equal(read, batch.Revision);
            Assert.InRange(store.Batches, read, read + Most);
            if (read == 3 * Most)
            {
                break;
            }
        }
    }

    [Fact]
    public async Task What_was_acknowledged_is_there_however_often_the_process_is_killed()
    {
        await using var test = await PluginUnderTest.StartAsync("store-embedded", isProcess: true);
        var store = test.Provided<IObjectStore>();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var acknowledged = new ConcurrentDictionary<string, long>();
        var writers = Enumerable.Range(0, 4).Select(writer => WriteAsync(store, writer, acknowledged, stop.Token)).ToArray();
        for (var round = 0; round < 2; round++)
        {
            var before = acknowledged.Count;
            while (acknowledged.Count < before + 50)
            {
                await Task.Delay(10, Token);
            }

            var pid = test.Pid;
            using var process = Process.GetProcessById(pid);
            process.Kill();
            await test.UntilReplacedAsync(pid);
        }

        await stop.CancelAsync();
        await Task.WhenAll(writers);
        var found = (await store.RangeAsync(new RangeRequest { From = "/", To = "0" }, Token)).Entries.ToDictionary(entry => entry.Key, entry => entry.ModRevision);
        Assert.All(acknowledged, write => Assert.Equal(write.Value, found[write.Key]));
        Assert.InRange(found.Count, 100, acknowledged.Count + (4 * 2));
    }

    private static async Task WriteAsync(IObjectStore store, int writer, ConcurrentDictionary<string, long> acknowledged, CancellationToken stop)
    {
        for (var i = 0; !stop.IsCancellationRequested; i++)
        {
            var key = string.Create(CultureInfo.InvariantCulture, $"/{writer}/{i}");
            var result = await store.CommitAsync(Write(key), CancellationToken.None);
            if (result.Outcome == CommitOutcome.Committed)
            {
                acknowledged[key] = result.Revision;
            }
            else
            {
                Assert.Equal(CommitOutcome.Unknown, result.Outcome);
            }
        }
    }

    private static CommitRequest Write(string key) => new() { Guards = [new CommitGuard(key, 0)], Operations = [new CommitOperation(key, Encoding.UTF8.GetBytes(key))] };
}
