using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Modular.Kernel.Tests;

/// <summary>A running kernel over a store in memory, and short words for requests.</summary>
internal sealed class TestKernel : IAsyncDisposable
{
    public static readonly UserInfo Admin = new("admin") { Groups = ["system:masters"] };

    private TestKernel(ApiKernel kernel, MemoryStore store, FakeTimeProvider time)
    {
        Kernel = kernel;
        Store = store;
        Time = time;
    }

    public ApiKernel Kernel { get; }

    public MemoryStore Store { get; }

    public FakeTimeProvider Time { get; }

    public IRequestPipeline Pipeline => Kernel.Pipeline;

    public static async Task<TestKernel> StartAsync(MemoryStore? store = null, params IAdmission[] admission)
    {
        store ??= new MemoryStore();
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));
        var contracts = new KernelContracts
        {
            Store = new FixedContractHandle<IObjectStore>(store),
            Resources = new FixedContractHandle<IResourceSource>(new Kinds()),
            Admission = new FixedContractHandle<IAdmission>(admission),
        };
        var kernel = new ApiKernel(contracts, new KernelSettings { Time = time }, NullLoggerFactory.Instance);
        await kernel.StartAsync(CancellationToken.None);
        return new TestKernel(kernel, store, time);
    }

    public static ApiRequest Widgets(string verb, string name = "", string subresource = "", string ns = "default") =>
        new() { User = Admin, Verb = verb, Resource = Kinds.Widgets, Namespace = ns, Name = name, Subresource = subresource };

    public static ApiRequest Rooms(string verb, string name = "") =>
        new() { User = Admin, Verb = verb, Resource = Kinds.Rooms, Name = name };

    public static RequestBody Body(string json) => new(JsonNode.Parse(json)!, []);

    public static RequestBody Body(JsonNode json) => new(json, []);

    public async Task<ApiObject> CreateAsync(string json, string ns = "default", WriteOptions? options = null) =>
        (await Pipeline.CreateAsync(Widgets("create", ns: ns), Body(json), options ?? new WriteOptions(), CancellationToken.None)).Object!;

    public Task<ApiObject> CreateNamedAsync(string name, string ns = "default") =>
        CreateAsync($$$"""{"metadata":{"name":"{{{name}}}"}}""", ns);

    public ValueTask<ApiObject> GetAsync(string name, string ns = "default") =>
        Pipeline.GetAsync(Widgets("get", name, ns: ns), CancellationToken.None);

    public ValueTask<WriteResult> PutAsync(string name, JsonNode obj, string subresource = "", WriteOptions? options = null) =>
        Pipeline.UpdateAsync(Widgets("update", name, subresource), Body(obj), options ?? new WriteOptions(), CancellationToken.None);

    public ValueTask<WriteResult> MergeAsync(string name, string patch, string subresource = "", WriteOptions? options = null) =>
        Pipeline.PatchAsync(
            Widgets("patch", name, subresource), PatchType.Merge, Body(patch), options ?? new WriteOptions(), CancellationToken.None);

    public ValueTask<DeleteResult> DeleteAsync(string name, DeleteOptions? options = null, bool dryRun = false) =>
        Pipeline.DeleteAsync(Widgets("delete", name), options ?? new DeleteOptions(), dryRun, CancellationToken.None);

    public ValueTask<ListResult> ListAsync(ListOptions? options = null, string ns = "default") =>
        Pipeline.ListAsync(Widgets("list", ns: ns), options ?? new ListOptions(), CancellationToken.None);

    public ValueTask DisposeAsync() => Kernel.DisposeAsync();
}
