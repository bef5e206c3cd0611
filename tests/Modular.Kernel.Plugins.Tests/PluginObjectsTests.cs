using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using Modular.Kernel.Tests;
using Modular.PluginLoader;

namespace Modular.Kernel.Plugins.Tests;

/// <summary>Plugin objects in the true kernel, over a store in memory.</summary>
public sealed class PluginObjectsTests : IAsyncDisposable
{
    private const string Bootstrap = "bootstrap-fixture";
    private static readonly UserInfo Admin = new("admin") { Groups = ["system:masters"] };

    private readonly HostFixture _fixture = new();
    private readonly MemoryStore _store = new();
    private readonly ApiKernel _kernel;
    private readonly CancellationTokenSource _stop = new(TimeSpan.FromMinutes(1));
    private Task _running = Task.CompletedTask;

    public PluginObjectsTests()
    {
        var host = new PluginIdentity("host", "host", "0.1.0", 1);
        _fixture.Contracts.ProvideFromHost<IObjectStore>(_store, host);
        _fixture.Contracts.ProvideFromHost<IResourceSource>(new PluginResourceSource(), host);
        _kernel = new ApiKernel(
            new KernelContracts { Store = _fixture.Contracts.Handle<IObjectStore>(), Resources = _fixture.Contracts.Handle<IResourceSource>() },
            new KernelSettings(), NullLoggerFactory.Instance);
        _fixture.Installed.Install("scheduler-fixture");
        _fixture.Installed.Install("scheduler-fixture-v2");
        _fixture.Installed.Install("scheduler-fixture", manifest =>
        {
            manifest["id"] = Bootstrap;
            manifest["provides"] = JsonNode.Parse("""[{ "contract": "modular.authenticator", "range": "[0.1.0,0.2.0)" }]""");
            manifest.Remove("permissions");
        });
    }

    private IApiClient Api => _kernel.CreateClient(Admin);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _running);
        await _kernel.DisposeAsync();
        await _fixture.DisposeAsync();
        _stop.Dispose();
        _store.Dispose();
    }

    [Fact]
    public async Task A_patch_of_an_object_swaps_and_its_status_says_so()
    {
        await StartAsync(HostFixture.Slot("scheduler", "scheduler-fixture", version: "1.0.0"));
        await SeeAsync("scheduler", status => (string?)status["phase"] == "Running" && (string?)status["version"] == "1.0.0");

        await PatchAsync("""{ "spec": { "version": "2.0.0" } }""");

        var status = await SeeAsync("scheduler", status => (string?)status["version"] == "2.0.0");
        Assert.Equal("scheduler", (string?)status["role"]);
        Assert.Equal("n1", (string?)status["instances"]![0]!["host"]);
        Assert.Equal(2, (long)status["instances"]![0]!["epoch"]!);
    }

    [Fact]
    public async Task A_failed_swap_says_that_the_old_was_kept()
    {
        await StartAsync(HostFixture.Slot("scheduler", "scheduler-fixture", version: "1.0.0"));

        await PatchAsync("""{ "spec": { "version": "2.0.0", "configuration": { "failAt": "start" } } }""");

        var status = await SeeAsync("scheduler", status => Condition(status, "Degraded") is { } d && (string?)d["status"] == "True");
        Assert.Equal("1.0.0", (string?)status["version"]);
        Assert.StartsWith("kept scheduler-fixture 1.0.0", (string?)Condition(status, "Degraded")!["message"], StringComparison.Ordinal);
        Assert.Equal(("scheduler-fixture", "1.0.0"), ((string?)status["kept"]!["plugin"], (string?)status["kept"]!["version"]));

        await PatchAsync("""{ "spec": { "configuration": null } }""");
        status = await SeeAsync("scheduler", status => (string?)status["version"] == "2.0.0");
        Assert.Null(status["kept"]);
    }

    [Theory]
    [InlineData("9.9.9", "NotInstalled", "1.0.0")]
    [InlineData("2.0.0", "", "2.0.0")]
    public async Task A_start_begins_with_what_was_kept_and_then_tries_the_wish_again(string wished, string refused, string runs)
    {
        await _kernel.StartAsync(_stop.Token);
        await Api.CreateAsync(PluginKind.Resource, "", PluginObject("scheduler", "scheduler-fixture", wished), _stop.Token);
        await Api.CreateAsync(PluginKind.Resource, "", PluginObject("authenticator", Bootstrap, ""), _stop.Token);
        var kept = JsonNode.Parse("""
            { "status": { "kept": { "plugin": "scheduler-fixture", "version": "1.0.0", "isolation": "", "configuration": "{\"mark\":1}" } } }
            """)!;
        await Api.PatchAsync(new ResourceName(PluginKind.Resource, "", "scheduler"), PatchType.Merge, kept, "status", _stop.Token);

        await StartObjectsAsync(HostFixture.Slot("authenticator", Bootstrap));

        var status = await SeeAsync("scheduler", status => (string?)status["version"] == runs && (long)status["observedGeneration"]! > 0);
        Assert.Equal(refused, Condition(status, "Degraded") is { } d && (string?)d["status"] == "True" ? (string?)d["reason"] : "");
        Assert.Equal(refused.Length > 0 ? """{"mark":1}""" : null, (string?)status["kept"]?["configuration"]);
        Assert.StartsWith("1.0.0 start", _fixture.Steps("scheduler")[1], StringComparison.Ordinal);
        Assert.True(_fixture.Scheduler.IsAvailable);
    }

    [Fact]
    public async Task A_role_grants_what_its_object_says_and_what_the_file_says_if_that_says_nothing()
    {
        _fixture.Installed.Install("scheduler-fixture", manifest => (manifest["id"], manifest["hostPrivileges"]) = ("scheduler-reaching", new JsonArray("net-admin")));
        await _kernel.StartAsync(_stop.Token);
        await Api.CreateAsync(PluginKind.Resource, "", PluginObject("scheduler", "scheduler-reaching", ""), _stop.Token);
        await Api.CreateAsync(PluginKind.Resource, "", PluginObject("authenticator", Bootstrap, ""), _stop.Token);
        await StartObjectsAsync(
            HostFixture.Slot("scheduler", "scheduler-reaching") with { FilePrivileges = HostPrivileges.All }, HostFixture.Slot("authenticator", Bootstrap));
        var status = await SeeAsync("scheduler", status => (string?)status["phase"] == "Running");
        Assert.Equal("""["net-admin"]""", status["privileges"]!.ToJsonString());

        await PatchAsync("""{ "spec": { "instance": "2", "privileges": [] } }""");

        status = await SeeAsync("scheduler", status => Condition(status, "Degraded") is { } d && (string?)d["status"] == "True");
        Assert.Equal("NotGranted", (string?)Condition(status, "Degraded")!["reason"]);
        Assert.Equal("scheduler-reaching", (string?)status["kept"]!["plugin"]);
        Assert.Null(status["kept"]!["privileges"]);
        var wrong = await Assert.ThrowsAsync<ApiException>(() => PatchAsync("""{ "spec": { "privileges": ["chown", "root"] } }"""));
        Assert.Contains(
            "spec.privileges[1]: Invalid value: \"root\": write a Linux capability in lower case with dashes, such as net-admin, or all", wrong.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("scheduler-reaching", "Failed", "NotGranted")]
    [InlineData("scheduler-fixture", "Running", "")]
    public async Task A_plugin_that_was_kept_keeps_its_privileges_over_a_start_unless_they_are_all_that_was_taken_away(string wished, string phase, string reason)
    {
        _fixture.Installed.Install("scheduler-fixture", manifest => (manifest["id"], manifest["hostPrivileges"]) = ("scheduler-reaching", new JsonArray("net-admin")));
        await _kernel.StartAsync(_stop.Token);
        var plugin = PluginObject("scheduler", wished, wished == "scheduler-fixture" ? "9.9.9" : "");
        plugin["spec"]!["privileges"] = new JsonArray();
        await Api.CreateAsync(PluginKind.Resource, "", plugin, _stop.Token);
        await Api.CreateAsync(PluginKind.Resource, "", PluginObject("authenticator", Bootstrap, ""), _stop.Token);
        var kept = JsonNode.Parse("""{ "status": { "kept": { "plugin": "scheduler-reaching", "version": "", "configuration": "{}", "privileges": ["net-admin"] } } }""")!;
        await Api.PatchAsync(new ResourceName(PluginKind.Resource, "", "scheduler"), PatchType.Merge, kept, "status", _stop.Token);

        await StartObjectsAsync(HostFixture.Slot("authenticator", Bootstrap));

        var status = await SeeAsync("scheduler", status => (string?)status["phase"] == phase && (long)status["observedGeneration"]! > 0);
        Assert.Equal(reason, (string?)Condition(status, "Ready")!["reason"] is "NotGranted" and var refused ? refused : "");
        Assert.Equal(phase == "Running" ? """["net-admin"]""" : "[]", status["privileges"]!.ToJsonString());
    }

    [Fact]
    public async Task An_object_that_is_made_again_is_observed_anew()
    {
        await StartAsync(HostFixture.Slot("scheduler", "scheduler-fixture", version: "1.0.0"));
        await SeeAsync("scheduler", status => (long)status["observedGeneration"]! == 1);
        await Api.DeleteAsync(new ResourceName(PluginKind.Resource, "", "scheduler"), new DeleteOptions(), _stop.Token);
        await Api.CreateAsync(PluginKind.Resource, "", PluginObject("scheduler", "scheduler-fixture", "2.0.0"), _stop.Token);

        var first = await SeeAsync("scheduler", status => (long?)status["observedGeneration"] > 0);

        Assert.Equal("2.0.0", (string?)first["version"]);
    }

    [Theory]
    [InlineData("""{ "plugin": "scheduler-fixture", "privileges": ["king"], "configuration": "{" }""")]
    [InlineData("""{ "plugin": "scheduler-fixture", "configuration": "{" }""")]
    [InlineData("""{ "plugin": "scheduler-fixture", "configuration": "7", "trial": "[]", "limits": "{\"memory\":\"much\"}" }""")]
    [InlineData("""{ "plugin": "scheduler-fixture", "version": "1.0.0", "trial": "{\"share\":-1}" }""")]
    public async Task What_was_kept_in_a_way_that_nobody_can_read_keeps_no_cluster_from_starting(string kept)
    {
        await _kernel.StartAsync(_stop.Token);
        await Api.CreateAsync(PluginKind.Resource, "", PluginObject("scheduler", "scheduler-fixture", "2.0.0"), _stop.Token);
        await Api.CreateAsync(PluginKind.Resource, "", PluginObject("authenticator", Bootstrap, ""), _stop.Token);
        var status = JsonNode.Parse($$"""{ "status": { "kept": {{kept}} } }""")!;
        await Api.PatchAsync(new ResourceName(PluginKind.Resource, "", "scheduler"), PatchType.Merge, status, "status", _stop.Token);

        await StartObjectsAsync(HostFixture.Slot("authenticator", Bootstrap));

        await SeeAsync("scheduler", now => (string?)now["phase"] == "Running" && (string?)now["version"] == "2.0.0");
    }

    [Fact]
    public async Task What_was_kept_is_forgotten_with_the_wish_to_have_the_role_empty()
    {
        await StartAsync(HostFixture.Slot("scheduler", "scheduler-fixture", version: "1.0.0"));
        await PatchAsync("""{ "spec": { "version": "9.9.9" } }""");
        await SeeAsync("scheduler", status => status["kept"] is not null);
        await PatchAsync("""{ "spec": { "enabled": false } }""");
        var status = await SeeAsync("scheduler", status => (string?)status["phase"] == "Stopped");
        Assert.Null(status["kept"]);
    }

    [Fact]
    public async Task Objects_win_over_the_file_on_a_later_start()
    {
        await _kernel.StartAsync(_stop.Token);
        await Api.CreateAsync(PluginKind.Resource, "", PluginObject("scheduler", "scheduler-fixture", "2.0.0"), _stop.Token);
        await Api.CreateAsync(PluginKind.Resource, "", PluginObject("authenticator", Bootstrap, ""), _stop.Token);

        await StartObjectsAsync(
            HostFixture.Slot("scheduler", "scheduler-fixture", version: "1.0.0"), HostFixture.Slot("new", "gone"), HostFixture.Slot("authenticator", Bootstrap));

        await SeeAsync("scheduler", status => (string?)status["version"] == "2.0.0");
        Assert.Equal(["authenticator", "scheduler"], _fixture.Host.Statuses.Select(s => s.Name).Order());
    }

    [Fact]
    public async Task A_first_start_that_was_killed_half_way_is_finished_by_the_next()
    {
        await _kernel.StartAsync(_stop.Token);
        await Api.CreateAsync(PluginKind.Resource, "", PluginObject("scheduler", "scheduler-fixture", "2.0.0"), _stop.Token);

        await StartObjectsAsync(
            HostFixture.Slot("authenticator", Bootstrap), HostFixture.Slot("scheduler", "scheduler-fixture", version: "1.0.0"), HostFixture.Slot("new", "gone"));

        var objects = await Api.ListAsync(new ResourceScope(PluginKind.Resource), _stop.Token);
        Assert.Equal(["authenticator", "new", "scheduler"], objects.Items.Select(o => o.Metadata.Name).Order());
        await SeeAsync("scheduler", status => (string?)status["version"] == "2.0.0");
    }

    [Fact]
    public async Task The_objects_that_mark_a_first_start_as_done_are_made_last()
    {
        await _kernel.StartAsync(_stop.Token);
        await using var informer = await Api.OpenInformerAsync(new ResourceScope(PluginKind.Resource), _stop.Token);
        var made = ReadAddedAsync(informer, 3);

        await StartObjectsAsync(HostFixture.Slot("authenticator", Bootstrap), HostFixture.Slot("scheduler", "scheduler-fixture"), HostFixture.Slot("new", "gone"));

        Assert.Equal(["scheduler", "new", "authenticator"], await made);
    }

    [Fact]
    public async Task What_the_API_is_made_of_is_exchanged_like_others_and_can_not_be_taken_away()
    {
        var slot = InstallSecurity();
        await _fixture.StartAsync(slot);
        await StartAsync(slot);
        await SeeAsync("security", status => (string?)status["version"] == "1.0.0");

        await PatchAsync("""{ "spec": { "version": "2.0.0" } }""", "security");
        await SeeAsync("security", status => (string?)status["version"] == "2.0.0");

        await PatchAsync("""{ "spec": { "enabled": false } }""", "security");
        await UntilAsync(async () => (await SpecAsync("security")) is { } spec && (bool)spec["enabled"]! && (string?)spec["version"] == "2.0.0");
        await Api.DeleteAsync(new ResourceName(PluginKind.Resource, "", "security"), new DeleteOptions(), _stop.Token);
        await UntilAsync(async () => (string?)(await SpecAsync("security"))?["version"] == "2.0.0");
        Assert.Equal(("2.0.0", 2L), (_fixture.Status("security").Version, _fixture.Status("security").Epoch));
    }

    [Theory]
    [InlineData(false, "2.0.0")]
    [InlineData(true, "1.0.0")]
    public async Task What_the_API_is_made_of_follows_its_object_on_a_later_start_unless_the_file_is_a_new_one(bool fileIsNew, string runs)
    {
        var slot = InstallSecurity();
        await _fixture.StartAsync(slot);
        await _kernel.StartAsync(_stop.Token);
        await Api.CreateAsync(PluginKind.Resource, "", PluginObject("security", "security-fixture", "2.0.0"), _stop.Token);

        await StartObjectsAsync(fileIsNew, slot);

        Assert.Equal(runs, _fixture.Status("security").Version);
        await SeeAsync("security", status => (string?)status["version"] == runs && (long)status["observedGeneration"]! > 0);
        Assert.Equal(runs, (string?)(await SpecAsync("security"))!["version"]);
    }

    [Fact]
    public async Task What_the_API_is_made_of_is_not_exchanged_by_a_start_for_the_instance_that_was_asked_for_before()
    {
        var slot = InstallSecurity();
        await _fixture.StartAsync(slot);
        await _kernel.StartAsync(_stop.Token);
        var asked = PluginObject("security", "security-fixture", "1.0.0");
        asked["spec"]!["instance"] = "the second";
        await Api.CreateAsync(PluginKind.Resource, "", asked, _stop.Token);

        await StartObjectsAsync(slot);

        await SeeAsync("security", status => (string?)status["version"] == "1.0.0" && (long)status["observedGeneration"]! > 0);
        Assert.Equal(1, _fixture.Status("security").Epoch);
    }

    private PluginSlot InstallSecurity()
    {
        _fixture.Installed.Install("security-fixture");
        _fixture.Installed.Install("security-fixture", manifest => manifest["version"] = "2.0.0");
        return HostFixture.Slot("security", "security-fixture", version: "1.0.0");
    }

    private async Task<JsonNode?> SpecAsync(string name)
    {
        var objects = await Api.ListAsync(new ResourceScope(PluginKind.Resource), _stop.Token);
        return objects.Items.FirstOrDefault(o => o.Metadata.Name == name)?.ToJsonObject()["spec"];
    }

    [Fact]
    public async Task A_new_object_starts_a_plugin_and_a_deleted_one_stops_it()
    {
        await StartAsync(HostFixture.Slot("gone", "gone"));
        await Api.CreateAsync(PluginKind.Resource, "", PluginObject("scheduler", "scheduler-fixture", ""), _stop.Token);
        await SeeAsync("scheduler", status => (string?)status["phase"] == "Running" && (string?)status["version"] == "2.0.0");
        var generation = _fixture.Scheduler.Generation;

        await Api.DeleteAsync(new ResourceName(PluginKind.Resource, "", "scheduler"), new DeleteOptions(), _stop.Token);

        await _fixture.Scheduler.WaitForChangeAsync(generation, _stop.Token);
        Assert.False(_fixture.Scheduler.IsAvailable);
    }

    [Fact]
    public async Task A_candidate_that_was_rolled_back_is_disabled_and_stays_so()
    {
        await StartAsync(HostFixture.Slot("scheduler", "scheduler-fixture", version: "1.0.0") with { Trial = new Trial(TrialMode.Shadow) });
        var status = await SeeAsync("scheduler", status => (string?)status["phase"] == "Running");
        Assert.Equal("scheduler (shadow)", (string?)status["role"]);
        using (var candidate = Assert.Single(_fixture.Contracts.Candidates<IScheduler>().AcquireAll()))
        {
            candidate.Report(new JsonObject { ["pods"] = 7 });
            await SeeAsync("scheduler", status => (int?)status["trial"]?["report"]?["pods"] == 7);
            candidate.Reject("Failures", "it failed 3 times");
        }

        // It stops before it says why.
        status = await SeeAsync("scheduler", status => (string?)status["phase"] == "Stopped" && Condition(status, "RolledBack") is not null);
        Assert.Equal("it failed 3 times", (string?)Condition(status, "RolledBack")!["message"]);
        var spec = (await Api.GetAsync(new ResourceName(PluginKind.Resource, "", "scheduler"), _stop.Token)).ToJsonObject()["spec"]!;
        Assert.False((bool)spec["enabled"]!);
        Assert.Equal("shadow", (string?)spec["trial"]!["mode"]);

        await PatchAsync("""{ "spec": { "enabled": true, "trial": null } }""");
        status = await SeeAsync("scheduler", status => (string?)status["phase"] == "Running");
        Assert.Null(status["trial"]);
        Assert.Null(Condition(status, "RolledBack"));
        Assert.True(_fixture.Scheduler.IsAvailable);
    }

    [Theory]
    [InlineData("""{ "mode": "dry-run" }""", "spec.trial.mode")]
    [InlineData("""{ "mode": "canary", "share": 0 }""", "spec.trial.share: Invalid value: 0: write a percentage from 1 to 100")]
    [InlineData("""{ "mode": "canary", "selector": "a in" }""", "spec.trial.selector")]
    [InlineData("""{ "mode": "canary", "role": 7 }""", "spec.trial.role")]
    [InlineData("""{ "share": 10 }""", "spec.trial.mode: Required value")]
    public async Task A_wrong_trial_is_refused_with_the_field(string trial, string expected)
    {
        await StartAsync(HostFixture.Slot("scheduler", "scheduler-fixture"));
        var refused = await Assert.ThrowsAsync<ApiException>(() => PatchAsync($$"""{ "spec": { "trial": {{trial}} } }"""));
        Assert.Contains(expected, refused.Message, StringComparison.Ordinal);
    }

    private static JsonObject PluginObject(string name, string plugin, string version) => new()
    {
        ["apiVersion"] = "modular.dev/v1alpha1",
        ["kind"] = "Plugin",
        ["metadata"] = new JsonObject { ["name"] = name },
        ["spec"] = new JsonObject { ["plugin"] = plugin, ["version"] = version },
    };

    private async Task<List<string>> ReadAddedAsync(IInformer informer, int count)
    {
        var names = new List<string>();
        await foreach (var change in informer.ReadEventsAsync(_stop.Token))
        {
            if (change.Type == WatchEventType.Added)
            {
                names.Add(change.Object.Metadata.Name);
                if (names.Count == count)
                {
                    break;
                }
            }
        }

        return names;
    }

    [Fact]
    public async Task A_role_of_another_host_process_is_left_to_it_and_has_its_rights()
    {
        await StartAsync(HostFixture.Slot("scheduler", "scheduler-fixture", version: "1.0.0") with { Host = "node" });
        Assert.DoesNotContain(_fixture.Host.Statuses, status => status.Name == "scheduler");
        Assert.True(await HasRightsAsync());

        // It moves here, and back.
        await PatchAsync("""{ "spec": { "host": "" } }""");
        await SeeAsync("scheduler", status => (string?)status["phase"] == "Running");
        Assert.True(await HasRightsAsync());
        await PatchAsync("""{ "spec": { "host": "node" } }""");
        await UntilAsync(() => ValueTask.FromResult(_fixture.Host.Statuses.All(status => status.Name != "scheduler")));
        await UntilAsync(HasRightsAsync);

        await Api.DeleteAsync(new ResourceName(PluginKind.Resource, "", "scheduler"), new DeleteOptions(), _stop.Token);
        await UntilAsync(async () => !await HasRightsAsync());
    }

    private async ValueTask<bool> HasRightsAsync()
    {
        var request = new AuthorizationRequest { User = PluginUser.Of("scheduler"), Verb = "list", Group = "", Resource = "pods" };
        return (await _fixture.Permissions.AuthorizeAsync(request, _stop.Token)).Decision == AuthorizationDecision.Allow;
    }

    private async Task UntilAsync(Func<ValueTask<bool>> condition)
    {
        while (!await condition())
        {
            await Task.Delay(5, _stop.Token);
        }
    }

    private static JsonNode? Condition(JsonObject status, string type) =>
        (status["conditions"] as JsonArray)?.FirstOrDefault(c => (string?)c!["type"] == type);

    private async Task StartAsync(params PluginSlot[] slots)
    {
        await _kernel.StartAsync(_stop.Token);
        await StartObjectsAsync(slots);
    }

    private Task StartObjectsAsync(params PluginSlot[] slots) => StartObjectsAsync(fileIsNew: false, slots);

    private async Task StartObjectsAsync(bool fileIsNew, params PluginSlot[] slots)
    {
        var objects = new PluginObjects(_fixture.Host, Api, new Distribution("test", slots), fileIsNew, "", "n1", NullLoggerFactory.Instance);
        await objects.StartAsync(_ => Task.CompletedTask, _stop.Token);
        _running = objects.RunAsync(_stop.Token);
    }

    private async Task PatchAsync(string patch, string role = "scheduler") => await Api.PatchAsync(
        new ResourceName(PluginKind.Resource, "", role), PatchType.Merge, JsonNode.Parse(patch)!, "", _stop.Token);

    /// <summary>Watches an object until its status is as wanted.</summary>
    private async Task<JsonObject> SeeAsync(string name, Func<JsonObject, bool> wanted)
    {
        await using var informer = await Api.OpenInformerAsync(new ResourceScope(PluginKind.Resource), _stop.Token);
        await foreach (var change in informer.ReadEventsAsync(_stop.Token))
        {
            if (change.Type != WatchEventType.Bookmark && change.Object.Metadata.Name == name
                && change.Object.ToJsonObject()["status"] is JsonObject status && wanted(status))
            {
                return status;
            }
        }

        throw new InvalidOperationException("the informer ended");
    }
}
