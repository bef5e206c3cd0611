using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Modular.Abstractions;
using Modular.ApiMachinery;

namespace Modular.PluginProcess.Tests;

/// <summary>Authenticators, authorizers and admission answer alike, here and in a process of their own.</summary>
public sealed class SecurityTests
{
    private static readonly UserInfo Carla = new("carla") { Groups = ["builders", "painters"], Uid = "7" };
    private static readonly GroupVersionResource Pods = new("", "v1", "pods");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Senders_are_known_by_token_and_by_certificate(bool isProcess)
    {
        await using var test = await StartAsync(isProcess);
        var authenticator = test.Provided<IAuthenticator>();
        var known = await authenticator.AuthenticateAsync(new AuthenticationRequest { BearerToken = "known" }, Token);
        Assert.Equivalent(new AuthenticationResult { User = Carla }, known, strict: true);
        var wrong = await authenticator.AuthenticateAsync(new AuthenticationRequest { BearerToken = "wrong" }, Token);
        Assert.Equal((null, "the token has expired"), (wrong.User, wrong.Error));
        var nobody = await authenticator.AuthenticateAsync(new AuthenticationRequest(), Token);
        Assert.Equal((null, ""), (nobody.User, nobody.Error));
        using var certificate = Certificate();
        for (var round = 0; round < 2; round++)
        {
            var shown = await authenticator.AuthenticateAsync(new AuthenticationRequest { ClientCertificate = certificate }, Token);
            Assert.Equal(("CN=carla", certificate.Thumbprint), (shown.User!.Name, shown.User.Uid));
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Requests_are_allowed_denied_and_left_to_others(bool isProcess)
    {
        await using var test = await StartAsync(isProcess);
        var authorizer = test.Provided<IAuthorizer>();
        Assert.Equal(new(AuthorizationDecision.Allow, ""), await AskAsync("get"));
        Assert.Equal(new(AuthorizationDecision.Deny, "carla deletes nothing"), await AskAsync("delete"));
        Assert.Equal(new(AuthorizationDecision.NoOpinion, ""), await AskAsync("list"));

        ValueTask<AuthorizationResult> AskAsync(string verb) =>
            authorizer.AuthorizeAsync(new AuthorizationRequest { User = Carla, Verb = verb, Version = "v1", Resource = "pods" }, Token);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Objects_are_changed_and_refused(bool isProcess)
    {
        await using var test = await StartAsync(isProcess);
        var admission = test.Provided<IAdmission>();
        var changed = Write("changed");
        await admission.MutateAsync(changed, Token);
        Assert.Equal("""{"kind":"Pod","metadata":{"name":"changed","labels":{"writer":"carla","old":"OldPod"}}}""", changed.Object!.ToJsonString());
        var untouched = Write("untouched");
        await admission.MutateAsync(untouched, Token);
        await admission.ValidateAsync(untouched, Token);
        Assert.Equal(Write("untouched").Object!.ToJsonString(), untouched.Object!.ToJsonString());
        var refused = await Assert.ThrowsAsync<ApiException>(async () => await admission.MutateAsync(Write("refused"), Token));
        Assert.Equal(
            """{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"Pod \u0022refused\u0022 is invalid: spec.size: Invalid value: 9: must be smaller","reason":"Invalid","details":{"name":"refused","kind":"Pod","causes":[{"reason":"FieldValueInvalid","message":"Invalid value: 9: must be smaller","field":"spec.size"}]},"code":422}""",
            refused.Status.ToJson().ToJsonString());
        var forbidden = await Assert.ThrowsAsync<ApiException>(async () => await admission.ValidateAsync(Write("forbidden") with { DryRun = true, Object = null }, Token));
        Assert.Equal((403, "pods \"forbidden\" is forbidden: Update by carla in ns, dry run True"), (forbidden.Status.Code, forbidden.Status.Message));
    }

    [Fact]
    public async Task What_a_plugin_throws_decides_nothing()
    {
        await using var test = await StartAsync(isProcess: true);
        var failures = new[]
        {
            await Assert.ThrowsAsync<PluginProcessException>(async () => await test.Provided<IAuthenticator>().AuthenticateAsync(new AuthenticationRequest { BearerToken = "broken" }, Token)),
            await Assert.ThrowsAsync<PluginProcessException>(async () => await test.Provided<IAuthorizer>().AuthorizeAsync(new AuthorizationRequest { User = Carla, Verb = "patch" }, Token)),
            await Assert.ThrowsAsync<PluginProcessException>(async () => await test.Provided<IAdmission>().MutateAsync(Write("broken"), Token)),
        };
        Assert.All(failures, failure => Assert.Contains("is lost", failure.Message.Replace("are", "is", StringComparison.Ordinal), StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_admission_cares_about_is_asked_once_for_each_sort_of_write()
    {
        await using var test = await StartAsync(isProcess: true);
        var admission = test.Provided<IAdmission>();
        var events = Write("broken") with { Resource = new GroupVersionResource("", "v1", "events") };
        Assert.True(admission.Handles(events.Resource, "", AdmissionOperation.Update));
        for (var round = 0; round < 3; round++)
        {
            await admission.MutateAsync(events, Token);
            await admission.ValidateAsync(events, Token);
            Assert.False(admission.Handles(events.Resource, "", AdmissionOperation.Update));
        }

        Assert.True(admission.Handles(events.Resource, "", AdmissionOperation.Create));
        Assert.Equal(1, test.Context.Lines.All.Count(line => line.Text.Contains("asked about events", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task What_admission_cares_about_is_asked_again_when_it_says_so()
    {
        await using var test = await StartAsync(isProcess: true);
        var admission = test.Provided<IAdmission>();
        var events = Write("untouched") with { Resource = new GroupVersionResource("", "v1", "events") };
        await admission.MutateAsync(events, Token);
        await admission.MutateAsync(Write("untouched") with { Resource = new GroupVersionResource("", "v1", "secrets") }, Token);
        await Modular.Testing.Eventually.Holds(() => admission.Handles(events.Resource, "", AdmissionOperation.Update), "the answer no longer holds");
        await admission.MutateAsync(events, Token);
        Assert.False(admission.Handles(events.Resource, "", AdmissionOperation.Update));
    }

    [Fact]
    public async Task Without_the_process_nobody_is_known_nothing_allowed_and_nothing_written_until_it_is_there_again()
    {
        await using var test = await StartAsync(isProcess: true);
        var (authenticator, authorizer, admission) = (test.Provided<IAuthenticator>(), test.Provided<IAuthorizer>(), test.Provided<IAdmission>());
        var events = Write("untouched") with { Resource = new GroupVersionResource("", "v1", "events") };
        await admission.MutateAsync(Write("untouched"), Token);
        await admission.MutateAsync(events, Token);
        var pid = test.Pid;
        // A process that is stopped stands for one that is gone: it does not come back before it is told to.
        ProcessSignal.Send(pid, "STOP");
        using var impatient = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var asked = authenticator.AuthenticateAsync(new AuthenticationRequest { BearerToken = "known" }, impatient.Token).AsTask();
        var allowed = authorizer.AuthorizeAsync(new AuthorizationRequest { User = Carla, Verb = "get" }, Token).AsTask();
        var written = admission.MutateAsync(Write("untouched"), Token).AsTask();
        ProcessSignal.Send(pid, "KILL");
        await Assert.ThrowsAsync<PluginProcessException>(() => asked);
        await Assert.ThrowsAsync<PluginProcessException>(() => allowed);
        var refused = await Assert.ThrowsAsync<ApiException>(() => written);
        Assert.Equal((503, 1), (refused.Status.Code, refused.Status.RetryAfterSeconds));
        Assert.StartsWith("admission plugin scheduler can't be asked, so nothing is written: ", refused.Message, StringComparison.Ordinal);
        // It did not care about these while it was there.
        await admission.ValidateAsync(events, Token);

        await test.UntilReplacedAsync(pid);
        Assert.Equal("carla", (await authenticator.AuthenticateAsync(new AuthenticationRequest { BearerToken = "known" }, Token)).User!.Name);
        Assert.Equal(AuthorizationDecision.Allow, (await authorizer.AuthorizeAsync(new AuthorizationRequest { User = Carla, Verb = "get" }, Token)).Decision);
        await admission.MutateAsync(Write("untouched"), Token);
    }

    private static Task<PluginUnderTest> StartAsync(bool isProcess) => PluginUnderTest.StartAsync("security-fixture", isProcess);

    private static AdmissionRequest Write(string name) => new()
    {
        Resource = Pods,
        Kind = new GroupVersionKind("", "v1", "Pod"),
        Operation = AdmissionOperation.Update,
        Namespace = "ns",
        Name = name,
        User = Carla,
        Object = new JsonObject { ["kind"] = "Pod", ["metadata"] = new JsonObject { ["name"] = name }, ["spec"] = new JsonObject { ["ratio"] = 1.50m } },
        OldObject = new JsonObject { ["kind"] = "OldPod" },
    };

    private static X509Certificate2 Certificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return new CertificateRequest("CN=carla", key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddDays(1));
    }
}
