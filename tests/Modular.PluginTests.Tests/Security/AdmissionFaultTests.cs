using Modular.Abstractions;
using Modular.ApiMachinery;

namespace Modular.PluginTests.Tests;

/// <summary>Each rule that an admission plugin breaks is caught by the test for it; one that breaks none passes.</summary>
public sealed class AdmissionFaultTests
{
    private static readonly Dictionary<string, Func<IAdmission>> Faults = new(StringComparer.Ordinal)
    {
        [nameof(AdmissionTests.WhetherItCaresStaysTheSame)] = () => new CaresEveryOtherTime(),
        [nameof(AdmissionTests.ValidationChangesNothing)] = () => new Admission(validate: request => request.Object?["metadata"]?.AsObject().Add("seen", true)),
        [nameof(AdmissionTests.MutationLeavesTheStoredObjectAlone)] = () => new Admission(mutate: request => request.OldObject?.Clear()),
        [nameof(AdmissionTests.ARefusalIsAnAnswerOfTheApi)] = () => new Admission(mutate: request => request.Object?["spec"]!["containers"]!.AsArray().Clear()),
    };

    public static TheoryData<string> Tests => [.. ContractTestRun.TestsOf(typeof(AdmissionTests))];

    [Theory]
    [MemberData(nameof(Tests))]
    public async Task A_broken_rule_is_caught(string test) => Assert.NotNull(await ContractTestRun.RunAsync(test, () => new TestsOf(Faults[test]())));

    [Theory]
    [MemberData(nameof(Tests))]
    public async Task A_sound_plugin_passes(string test) => Assert.Null(await ContractTestRun.RunAsync(
        test, () => new TestsOf(new Admission(request => request.Object?.TryAdd("seen", true), _ => throw new ApiException(StatusReason.Forbidden, "not here")))));

    private class Admission(Action<AdmissionRequest>? mutate = null, Action<AdmissionRequest>? validate = null) : IAdmission
    {
        public virtual bool Handles(GroupVersionResource resource, string subresource, AdmissionOperation operation) => true;

        public ValueTask MutateAsync(AdmissionRequest request, CancellationToken cancellationToken)
        {
            mutate?.Invoke(request);
            return ValueTask.CompletedTask;
        }

        public ValueTask ValidateAsync(AdmissionRequest request, CancellationToken cancellationToken)
        {
            validate?.Invoke(request);
            return ValueTask.CompletedTask;
        }
    }

    private sealed class CaresEveryOtherTime : Admission
    {
        private bool _cares;

        public override bool Handles(GroupVersionResource resource, string subresource, AdmissionOperation operation) => _cares = !_cares;
    }

    private sealed class TestsOf(IAdmission admission) : AdmissionTests
    {
        protected override ValueTask<IAdmission> StartAsync() => new(admission);
    }
}
