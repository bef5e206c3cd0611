using Modular.Abstractions;

namespace Modular.PluginTests.Tests;

/// <summary>Each rule that an object store breaks is caught by the test for it, and most by random work too; one that breaks none passes.</summary>
public sealed class StoreFaultTests
{
    private static readonly Dictionary<StoreFault, string> Caught = new()
    {
        [StoreFault.HidesWhereItStands] = nameof(ObjectStoreTests.StatusTellsWhereTheStoreStands),
        [StoreFault.SkipsRevisions] = nameof(ObjectStoreTests.RevisionsCountCommitsFromOne),
        [StoreFault.CountsRefusedCommits] = nameof(ObjectStoreTests.RevisionsCountCommitsFromOne),
        [StoreFault.IgnoresGuards] = nameof(ObjectStoreTests.AGuardThatFailsAnswersTheEntryAndNothingIsDone),
        [StoreFault.HidesWhatConflicts] = nameof(ObjectStoreTests.AGuardThatFailsAnswersTheEntryAndNothingIsDone),
        [StoreFault.DoesPartOfARefusedCommit] = nameof(ObjectStoreTests.AGuardThatFailsAnswersTheEntryAndNothingIsDone),
        [StoreFault.LooksAtGuardsBeforeItsTurn] = nameof(ObjectStoreTests.GuardsHoldWhenManyWrite),
        [StoreFault.TellsOfDeletionsOfNothing] = nameof(ObjectStoreTests.DeletingWhatIsNotThereChangesNothing),
        [StoreFault.KeepsTheBirthOfDeletedKeys] = nameof(ObjectStoreTests.AKeyThatWasDeletedBeginsAnew),
        [StoreFault.TakesWhatIsTooLarge] = nameof(ObjectStoreTests.WhatIsTooLargeIsRefusedWithTheLimit),
        [StoreFault.HidesItsLimit] = nameof(ObjectStoreTests.WhatIsTooLargeIsRefusedWithTheLimit),
        [StoreFault.TakesAnyKey] = nameof(ObjectStoreTests.WhatIsNoKeyIsRefused),
        [StoreFault.TakesAKeyTwice] = nameof(ObjectStoreTests.ACommitNamesAKeyOnce),
        [StoreFault.TakesEmptyCommits] = nameof(ObjectStoreTests.ACommitNamesAKeyOnce),
        [StoreFault.KeepsTheCallersMemory] = nameof(ObjectStoreTests.ValuesAreTheStoresOwn),
        [StoreFault.CommitsWhatWasCancelled] = nameof(ObjectStoreTests.ACancelledCommitIsNotDone),
        [StoreFault.IgnoresLimits] = nameof(ObjectStoreTests.ARangeEndsBeforeItsEndAndCountsBeyondItsLimit),
        [StoreFault.CountsWhatItReturns] = nameof(ObjectStoreTests.ARangeEndsBeforeItsEndAndCountsBeyondItsLimit),
        [StoreFault.IncludesTheEnd] = nameof(ObjectStoreTests.ARangeEndsBeforeItsEndAndCountsBeyondItsLimit),
        [StoreFault.OrdersWithoutCase] = nameof(ObjectStoreTests.KeysAreOrderedOrdinally),
        [StoreFault.ReturnsValuesOfKeysOnly] = nameof(ObjectStoreTests.KeysOnlyLeavesValuesOutAndCountOnlyAll),
        [StoreFault.ReturnsKeysOfCountOnly] = nameof(ObjectStoreTests.KeysOnlyLeavesValuesOutAndCountOnlyAll),
        [StoreFault.ReadsThePresentForThePast] = nameof(ObjectStoreTests.ThePastStaysReadable),
        [StoreFault.ReadsTheFuture] = nameof(ObjectStoreTests.TheFutureCannotBeRead),
        [StoreFault.FailsAtBoundsOutOfOrder] = nameof(ObjectStoreTests.BoundsNeedNotBeKeys),
        [StoreFault.MixesStates] = nameof(ObjectStoreTests.ALongRangeIsOneState),
        [StoreFault.SaysNothingWhenAWatchBegins] = nameof(ObjectStoreTests.AWatchIsEstablishedThenTellsThePastAndWhatComes),
        [StoreFault.TellsThePastUnasked] = nameof(ObjectStoreTests.FromZeroOnlyWhatComesIsTold),
        [StoreFault.TellsWhatIsBeforeTheStart] = nameof(ObjectStoreTests.FromTheFutureNothingBeforeIsTold),
        [StoreFault.LeavesPreviousValuesOut] = nameof(ObjectStoreTests.PreviousValuesComeWhereAskedFor),
        [StoreFault.TellsPreviousValuesUnasked] = nameof(ObjectStoreTests.PreviousValuesComeWhereAskedFor),
        [StoreFault.TellsOfOtherKeys] = nameof(ObjectStoreTests.AWatchHearsOfItsKeysOnly),
        [StoreFault.SplitsCommits] = nameof(ObjectStoreTests.NoBatchHoldsPartOfACommit),
        [StoreFault.IgnoresCancellationOfWatches] = nameof(ObjectStoreTests.ACancelledWatchEnds),
        [StoreFault.LosesChanges] = nameof(ObjectStoreTests.CutWatchesSeeEachChangeOnceInOrder),
        [StoreFault.RepeatsChanges] = nameof(ObjectStoreTests.CutWatchesSeeEachChangeOnceInOrder),
        [StoreFault.ReordersChanges] = nameof(ObjectStoreTests.CutWatchesSeeEachChangeOnceInOrder),
        [StoreFault.StampsChangesWrongly] = nameof(ObjectStoreTests.CutWatchesSeeEachChangeOnceInOrder),
        [StoreFault.ForgetsNothing] = nameof(ObjectStoreTests.CompactionForgetsThePastOnly),
        [StoreFault.ReadsThePresentForTheCompacted] = nameof(ObjectStoreTests.CompactionForgetsThePastOnly),
        [StoreFault.LosesOldKeysInCompaction] = nameof(ObjectStoreTests.CompactionForgetsThePastOnly),
        [StoreFault.CompactsThePresent] = nameof(ObjectStoreTests.CompactionForgetsThePastOnly),
        [StoreFault.WatchesOnFromCompacted] = nameof(ObjectStoreTests.ACompactedBeginningEndsAWatch),
        [StoreFault.SkipsWhatWasCompacted] = nameof(ObjectStoreTests.AWatchThatCompactionOvertakesLeavesNothingOut),
        [StoreFault.LosesTheLastCommitWhenReopened] = nameof(ObjectStoreTests.WhatWasAcknowledgedSurvives),
        [StoreFault.ResurrectsDeletedKeysWhenReopened] = nameof(ObjectStoreTests.WhatWasAcknowledgedSurvives),
        [StoreFault.CountsAnewWhenReopened] = nameof(ObjectStoreTests.WhatWasAcknowledgedSurvives),
    };

    // What random work does not do: many at once, hostile input, commits of many keys; nor does it wait long for what does not come.
    private static readonly StoreFault[] BeyondRandomWork =
    [
        StoreFault.LooksAtGuardsBeforeItsTurn, StoreFault.TakesWhatIsTooLarge, StoreFault.HidesItsLimit, StoreFault.TakesAnyKey, StoreFault.TakesAKeyTwice,
        StoreFault.TakesEmptyCommits, StoreFault.KeepsTheCallersMemory, StoreFault.CommitsWhatWasCancelled, StoreFault.OrdersWithoutCase, StoreFault.MixesStates,
        StoreFault.SplitsCommits, StoreFault.IgnoresCancellationOfWatches, StoreFault.SaysNothingWhenAWatchBegins,
    ];

    public static TheoryData<StoreFault> Faults => [.. Enum.GetValues<StoreFault>().Except([StoreFault.None])];

    public static TheoryData<StoreFault> FaultsOfRandomWork => [.. Enum.GetValues<StoreFault>().Except([StoreFault.None, .. BeyondRandomWork])];

    public static TheoryData<string> Tests => [.. ContractTestRun.TestsOf(typeof(ObjectStoreTests))];

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task A_broken_rule_is_caught_by_its_test(StoreFault fault)
    {
        var caught = await RunAsync(Caught[fault], fault);
        Assert.NotNull(caught);
        Assert.IsNotType<TimeoutException>(caught);
    }

    [Theory]
    [MemberData(nameof(FaultsOfRandomWork))]
    public async Task A_broken_rule_is_caught_by_random_work_with_a_seed_and_a_sequence(StoreFault fault)
    {
        var caught = await RunAsync(nameof(ObjectStoreTests.RandomWorkAgreesWithAPlainModel), fault);
        Assert.NotNull(caught);
        Assert.StartsWith("Random work with seed ", caught.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Tests))]
    public async Task A_sound_store_passes(string test) => Assert.Null(await RunAsync(test, StoreFault.None));

    [Fact]
    public void Each_test_catches_a_fault() =>
        Assert.Equal(ContractTestRun.TestsOf(typeof(ObjectStoreTests)).Order(), Caught.Values.Append(nameof(ObjectStoreTests.RandomWorkAgreesWithAPlainModel)).Distinct().Order());

    [Fact]
    public async Task A_sequence_that_fails_is_shortened()
    {
        var caught = await RunAsync(nameof(ObjectStoreTests.RandomWorkAgreesWithAPlainModel), StoreFault.ResurrectsDeletedKeysWhenReopened);
        Assert.NotNull(caught);
        var sequence = caught.Message[caught.Message.IndexOf("It comes after:", StringComparison.Ordinal)..caught.Message.IndexOf("   at ", StringComparison.Ordinal)];
        Assert.InRange(sequence.Trim().Split('\n').Length, 3, 12);
        Assert.Contains("reopen", sequence, StringComparison.Ordinal);
    }

    private static Task<Exception?> RunAsync(string test, StoreFault fault) => ContractTestRun.RunAsync(test, () => new TestsOf(fault));

    private sealed class TestsOf(StoreFault fault) : ObjectStoreTests
    {
        private FaultyStore? _store;

        protected override ValueTask<IObjectStore> OpenAsync() => new(_store = new FaultyStore(fault));

        protected override ValueTask<IObjectStore> ReopenAsync(bool crash) => new(_store = _store!.Reopen());
    }
}
