using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Modular.Abstractions;
using Modular.Abstractions.Http;
using Modular.ApiMachinery;

namespace PluginSeam;

/// <summary>The smallest question of a contract that its provider is really asked, so that the way there is most of what is measured.</summary>
/// <param name="Contract">The contract.</param>
/// <param name="What">The question, in words.</param>
/// <param name="Plugin">Who provides it here.</param>
/// <param name="Open">Makes the question of what a plugin has provided.</param>
internal sealed record SeamQuestion(string Contract, string What, string Plugin, Func<IReadOnlyDictionary<Type, object>, ValueTask<Func<ValueTask>>> Open)
{
    private static readonly CancellationToken Never = CancellationToken.None;

    public static IReadOnlyList<SeamQuestion> All { get; } =
    [
        Of<IAuthenticator>("modular.authenticator", "who sends this token", "security-fixture", Asks(static (IAuthenticator asked) => asked.AuthenticateAsync(new AuthenticationRequest { BearerToken = "known" }, Never))),
        Of<IAuthorizer>("modular.authorizer", "may she", "security-fixture", Asks(static (IAuthorizer asked) => asked.AuthorizeAsync(new AuthorizationRequest { User = new UserInfo("carla"), Verb = "get", Resource = "pods" }, Never))),
        Of<IAdmission>("modular.admission", "validate a pod", "security-fixture", AdmissionQuestion),
        Of<IObjectStore>("modular.store", "its status", "store-embedded", Asks(static (IObjectStore asked) => asked.GetStatusAsync(Never))),
        Of<IContainerRuntime>("modular.container-runtime", "what it is", "runtime-simulated", Asks(static (IContainerRuntime asked) => asked.GetInfoAsync(Never))),
        Of<IPodNetwork>("modular.pod-network", "what it is", "network-fixture", Asks(static (IPodNetwork asked) => asked.GetInfoAsync(Never))),
        Of<IDnsServer>("modular.dns", "no change of services", "dns", Asks(static (IDnsServer asked) => asked.ApplyAsync(new ServiceDelta(), Never))),
        Of<IServiceProxy>("modular.service-proxy", "is an address without connections", "proxy-yarp", Asks(static (IServiceProxy asked) => asked.DrainAsync("10.0.0.1", Never))),
        Of<IHttpEndpoints>("modular.http-endpoints", "an answer of two bytes", "http-fixture", RequestQuestion(static (IHttpEndpoints asked, HttpContext request) => asked.HandleAsync(request), "/fixture/next")),
        Of<INodeEndpoint>("modular.node-endpoint", "is it healthy", "http-fixture", RequestQuestion(static (INodeEndpoint asked, HttpContext request) => asked.HandleAsync(request), "/healthz")),
        Of<IResourceSource>("modular.resources", "the rules of a pod's creation", "resources-kubernetes", PodQuestionAsync),
    ];

    private static SeamQuestion Of<T>(string contract, string what, string plugin, Func<T, ValueTask<Func<ValueTask>>> open)
        where T : class => new(contract, what, plugin, provided => open((T)provided[typeof(T)]));

    private static Func<T, ValueTask<Func<ValueTask>>> Asks<T, TAnswer>(Func<T, ValueTask<TAnswer>> ask) =>
        asked => ValueTask.FromResult<Func<ValueTask>>(async () => _ = await ask(asked));

    private static Func<T, ValueTask<Func<ValueTask>>> RequestQuestion<T>(Func<T, HttpContext, Task> handle, string path) => asked => ValueTask.FromResult<Func<ValueTask>>(async () =>
    {
        var request = new DefaultHttpContext();
        request.Request.Method = "GET";
        request.Request.Scheme = "http";
        request.Request.Host = new HostString("bench");
        request.Request.Path = path;
        request.Response.Body = new MemoryStream();
        request.Features.Set(new UserInfo("carla"));
        await handle(asked, request);
        if (request.Response.StatusCode != StatusCodes.Status200OK)
        {
            throw new InvalidOperationException($"{path} is answered with {request.Response.StatusCode}");
        }
    });

    private static ValueTask<Func<ValueTask>> AdmissionQuestion(IAdmission asked)
    {
        var pods = new GroupVersionResource("", "v1", "pods");
        asked.Handles(pods, "", AdmissionOperation.Create);
        var request = new AdmissionRequest
        {
            Operation = AdmissionOperation.Create,
            Resource = pods,
            Kind = new GroupVersionKind("", "v1", "Pod"),
            Namespace = "default",
            Name = "web",
            User = new UserInfo("carla"),
            Object = Pod(),
        };
        return ValueTask.FromResult<Func<ValueTask>>(() => asked.ValidateAsync(request, Never));
    }

    private static async ValueTask<Func<ValueTask>> PodQuestionAsync(IResourceSource asked)
    {
        var pods = (await asked.GetResourcesAsync(Never)).First(kind => kind.Resource.Resource == "pods");
        var context = new StrategyContext { User = new UserInfo("carla"), Resource = pods.Resource, Namespace = "default", Name = "", Now = DateTimeOffset.UnixEpoch };
        return async () => _ = await pods.Rules.WriteAsync(
            new ResourceWrite { Definition = pods, Context = context, Object = Pod(), Steps = WriteSteps.Default | WriteSteps.Prepare | WriteSteps.Validate }, Never);
    }

    private static JsonObject Pod() => JsonSerializer.Deserialize<JsonObject>(
        """{"apiVersion":"v1","kind":"Pod","metadata":{"name":"web","namespace":"default"},"spec":{"containers":[{"name":"main","image":"host"}]}}""")!;
}
