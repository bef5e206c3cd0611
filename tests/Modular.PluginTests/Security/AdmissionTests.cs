using System.Text.Json.Nodes;
using Modular.Abstractions;
using Modular.ApiMachinery;

namespace Modular.PluginTests;

/// <summary>
/// What every admission plugin has to do, whatever it admits. An author derives a class, says how it is made, and has these tests; a class
/// may add requests that its plugin cares for.
/// </summary>
public abstract class AdmissionTests : IAsyncLifetime
{
    private static readonly string[] Objects =
    [
        """{"metadata": {"name": "p", "namespace": "default"}, "spec": {"containers": [{"name": "a", "image": "host"}]}}""",
        """{}""",
        """{"metadata": null, "spec": "text"}""",
        """{"metadata": {"name": 7, "labels": [], "annotations": {"a": {}}}, "spec": {"containers": {"0": null}}}""",
        """{"metadata": {"name": "\u0000", "namespace": "../.."}, "spec": [[[[[[]]]]]], "status": 1e300}""",
    ];

    private IAdmission? _admission;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Further requests to try.</summary>
    protected virtual IEnumerable<AdmissionRequest> Requests => [];

    /// <summary>Makes the plugin; called once for each test.</summary>
    protected abstract ValueTask<IAdmission> StartAsync();

    /// <inheritdoc />
    public async ValueTask InitializeAsync() => _admission = await StartAsync();

    /// <summary>Ends what was made.</summary>
    public virtual ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    /// <summary>Whether the plugin cares for a write depends on the write alone.</summary>
    [Fact]
    public void WhetherItCaresStaysTheSame()
    {
        foreach (var request in All())
        {
            var first = Handles(request);
            Assert.All(Enumerable.Range(0, 3), _ => Assert.Equal(first, Handles(request)));
        }
    }

    /// <summary>Validation refuses or does nothing: no object is changed.</summary>
    [Fact]
    public async Task ValidationChangesNothing()
    {
        foreach (var request in CaredFor())
        {
            var (before, old) = (request.Object?.DeepClone(), request.OldObject?.DeepClone());
            await Record.ExceptionAsync(() => _admission!.ValidateAsync(request, Token).AsTask());
            Assert.True(JsonNode.DeepEquals(before, request.Object), $"{before} became {request.Object}");
            Assert.True(JsonNode.DeepEquals(old, request.OldObject), $"{old} became {request.OldObject}");
        }
    }

    /// <summary>Mutation changes the new object only: what is stored stays as it is.</summary>
    [Fact]
    public async Task MutationLeavesTheStoredObjectAlone()
    {
        foreach (var request in CaredFor())
        {
            var old = request.OldObject?.DeepClone();
            await Record.ExceptionAsync(() => _admission!.MutateAsync(request, Token).AsTask());
            Assert.True(JsonNode.DeepEquals(old, request.OldObject), $"{old} became {request.OldObject}");
        }
    }

    /// <summary>A write is refused by an error that the API can answer with, however odd the object is. Objects to mutate are not validated yet.</summary>
    [Fact]
    public async Task ARefusalIsAnAnswerOfTheApi()
    {
        foreach (var request in CaredFor())
        {
            foreach (var step in new[] { _admission!.MutateAsync, (Func<AdmissionRequest, CancellationToken, ValueTask>)_admission!.ValidateAsync })
            {
                var refused = await Record.ExceptionAsync(() => step(request, Token).AsTask());
                Assert.True(refused is null or ApiException, $"{request.Operation} of {request.Object ?? request.OldObject}: {refused}");
            }
        }
    }

    private bool Handles(AdmissionRequest request) => _admission!.Handles(request.Resource, request.Subresource, request.Operation);

    private IEnumerable<AdmissionRequest> All()
    {
        var odd =
            from resource in new[] { "pods", "services", "secrets", "widgets" }
            from operation in Enum.GetValues<AdmissionOperation>()
            from text in Objects
            select Request(resource, operation, text);
        return odd.Concat(Requests);
    }

    // The host asks about no others.
    private List<AdmissionRequest> CaredFor()
    {
        var cared = All().Where(Handles).ToList();
        Assert.SkipWhen(cared.Count == 0, "the plugin cares for none of the requests; the class may add some");
        return cared;
    }

    private static AdmissionRequest Request(string resource, AdmissionOperation operation, string text) => new()
    {
        Resource = new GroupVersionResource("", "v1", resource),
        Kind = new GroupVersionKind("", "v1", "Thing"),
        Operation = operation,
        Namespace = "default",
        Name = operation == AdmissionOperation.Create ? "" : "p",
        User = new UserInfo("carla") { Groups = ["system:authenticated"] },
        Object = operation is AdmissionOperation.Delete ? null : JsonNode.Parse(text)!.AsObject(),
        OldObject = operation is AdmissionOperation.Create or AdmissionOperation.Connect ? null : JsonNode.Parse(Objects[0])!.AsObject(),
    };
}
