using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;

namespace Modular.Kernel.Tests;

/// <summary>How often the rules of a kind are asked: they may be in another process.</summary>
public sealed class RuleQuestionTests : IAsyncLifetime
{
    private readonly CountedRules _rules = new();
    private readonly Admission _admission = new();
    private ApiKernel? _kernel;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private IRequestPipeline Pipeline => _kernel!.Pipeline;

    public async ValueTask InitializeAsync()
    {
        var contracts = new KernelContracts
        {
            Store = new FixedContractHandle<IObjectStore>(new MemoryStore()),
            Resources = new FixedContractHandle<IResourceSource>(new RuledKinds(_rules)),
            Admission = new FixedContractHandle<IAdmission>(_admission),
        };
        _kernel = new ApiKernel(contracts, new KernelSettings(), NullLoggerFactory.Instance);
        await _kernel.StartAsync(Token);
        _rules.Asked.Clear();
    }

    public ValueTask DisposeAsync() => _kernel!.DisposeAsync();

    [Fact]
    public async Task Each_write_asks_once()
    {
        await CreateAsync("w");
        Assert.Equal(["Default, Prepare, Validate, Reserve"], _rules.Take());
        await Pipeline.PatchAsync(TestKernel.Widgets("patch", "w"), PatchType.Merge, Color("red"), new WriteOptions(), Token);
        Assert.Equal(["Default, Prepare, Validate, Reserve"], _rules.Take());
        await Pipeline.PatchAsync(
            TestKernel.Widgets("patch", "w", "status"), PatchType.Merge, TestKernel.Body("""{"status":{"phase":"Running"}}"""), new WriteOptions(), Token);
        Assert.Equal(["Default, Prepare, Validate"], _rules.Take());
        await Pipeline.CreateAsync(TestKernel.Widgets("create", "w", "binding"), TestKernel.Body("""{"metadata":{"name":"w"},"target":"n"}"""), new WriteOptions(), Token);
        Assert.Equal(["Apply binding"], _rules.Take());
        await Pipeline.DeleteAsync(TestKernel.Widgets("delete", "w"), new DeleteOptions(), false, Token);
        Assert.Equal(["Delete"], _rules.Take());
        Assert.Equal((2, 2), (_rules.Taken, _rules.Kept));
    }

    [Fact]
    public async Task Where_admission_has_a_say_it_has_it_in_between()
    {
        _admission.Cares = true;
        await CreateAsync("w");
        Assert.Equal(["Default", "Default, Prepare, Validate", "Reserve"], _rules.Take());
    }

    [Fact]
    public async Task What_was_taken_early_is_given_back_when_the_host_finds_something_wrong()
    {
        var refused = await Assert.ThrowsAsync<ApiException>(async () => await Pipeline.CreateAsync(
            TestKernel.Widgets("create"), TestKernel.Body("""{"metadata":{"name":"w","labels":{"a b":"c"}}}"""), new WriteOptions(), Token));
        Assert.Equal(StatusReason.Invalid, refused.Reason);
        await CreateAsync("w");
        await Assert.ThrowsAsync<ApiException>(async () => await Pipeline.PatchAsync(TestKernel.Widgets("patch", "w"), PatchType.Merge, Color("pink"), new WriteOptions(), Token));
        Assert.Equal((3, 3, 1), (_rules.Taken, _rules.GivenBack, _rules.Kept));
    }

    [Fact]
    public async Task Rules_that_nobody_answers_for_refuse_every_write_and_no_read()
    {
        await CreateAsync("w");
        _rules.IsAway = true;
        ApiException[] refused =
        [
            await Assert.ThrowsAsync<ApiException>(() => CreateAsync("x")),
            await Assert.ThrowsAsync<ApiException>(async () => await Pipeline.PatchAsync(TestKernel.Widgets("patch", "w"), PatchType.Merge, Color("red"), new WriteOptions(), Token)),
            await Assert.ThrowsAsync<ApiException>(async () => await Pipeline.DeleteAsync(TestKernel.Widgets("delete", "w"), new DeleteOptions(), false, Token)),
        ];
        Assert.All(refused, refusal => Assert.Equal(StatusReason.ServiceUnavailable, refusal.Reason));
        await Pipeline.GetAsync(TestKernel.Widgets("get", "w"), Token);
        Assert.Single((await Pipeline.ListAsync(TestKernel.Widgets("list"), new ListOptions(), Token)).Items);
    }

    private static RequestBody Color(string color) => TestKernel.Body($$$"""{"spec":{"color":"{{{color}}}"}}""");

    private async Task CreateAsync(string name) =>
        await Pipeline.CreateAsync(TestKernel.Widgets("create"), TestKernel.Body($$$"""{"metadata":{"name":"{{{name}}}"}}"""), new WriteOptions(), Token);

    private sealed class RuledKinds(IResourceRules rules) : IResourceSource
    {
        public ValueTask<IReadOnlyList<ResourceDefinition>> GetResourcesAsync(CancellationToken cancellationToken) => new([Kinds.Room(), Kinds.Widget() with { Rules = rules }]);
    }

    private sealed class Admission : IAdmission
    {
        public bool Cares { get; set; }

        public bool Handles(GroupVersionResource resource, string subresource, AdmissionOperation operation) => Cares;

        public ValueTask MutateAsync(AdmissionRequest request, CancellationToken cancellationToken) => ValueTask.CompletedTask;

        public ValueTask ValidateAsync(AdmissionRequest request, CancellationToken cancellationToken) => ValueTask.CompletedTask;
    }

    private sealed class CountedRules : IResourceRules
    {
        public List<string> Asked { get; } = [];

        public bool IsAway { get; set; }

        public int Taken { get; private set; }

        public int GivenBack { get; private set; }

        public int Kept { get; private set; }

        public string[] Take()
        {
            string[] asked = [.. Asked];
            Asked.Clear();
            return asked;
        }

        public async ValueTask<WriteRuling> WriteAsync(ResourceWrite write, CancellationToken cancellationToken)
        {
            Ask(write.Steps.ToString());
            var reserves = write.Steps.HasFlag(WriteSteps.Reserve);
            var ruling = await StrategyRules.Instance.WriteAsync(write with { Steps = write.Steps & ~WriteSteps.Reserve }, cancellationToken);
            return ruling with { HasReserved = reserves, Reservation = reserves ? new Reservation(this) : null };
        }

        public ValueTask<DeletionRuling> DeleteAsync(
            ResourceDefinition definition, StrategyContext context, JsonObject obj, long? requestedGraceSeconds, CancellationToken cancellationToken)
        {
            Ask("Delete");
            return StrategyRules.Instance.DeleteAsync(definition, context, obj, requestedGraceSeconds, cancellationToken);
        }

        public ValueTask<ActionRuling> ApplyAsync(
            ResourceDefinition definition, Subresource action, StrategyContext context, JsonObject request, JsonObject obj, CancellationToken cancellationToken)
        {
            Ask($"Apply {action.Name}");
            return StrategyRules.Instance.ApplyAsync(definition, action, context, request, obj, cancellationToken);
        }

        public ValueTask<NodeRequest> ResolveAsync(
            ResourceDefinition definition, Subresource connect, ConnectQuestion question, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public ValueTask ConvertAsync(
            ResourceDefinition definition, ConversionDirection direction, IReadOnlyList<JsonObject> objects, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public ValueTask<IReadOnlyList<IReadOnlyList<JsonNode?>>> RenderAsync(
            ResourceDefinition definition, IReadOnlyList<ApiObject> objects, DateTimeOffset now, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        private void Ask(string question)
        {
            if (IsAway)
            {
                throw new ApiException(StatusReason.ServiceUnavailable, "nobody is there");
            }

            Asked.Add(question);
        }

        private sealed class Reservation : IReservation
        {
            private readonly CountedRules _rules;
            private bool _ended;

            public Reservation(CountedRules rules)
            {
                _rules = rules;
                rules.Taken++;
            }

            public void Keep() => _rules.Kept++;

            public void Dispose()
            {
                if (!_ended)
                {
                    _ended = true;
                    _rules.GivenBack++;
                }
            }
        }
    }
}
