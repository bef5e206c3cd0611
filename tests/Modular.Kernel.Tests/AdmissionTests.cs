namespace Modular.Kernel.Tests;

public sealed class AdmissionTests
{
    [Fact]
    public void Whoever_fails_to_say_whether_it_cares_holds_up_nobody()
    {
        var plugins = new CountedHandle([new Answer(true), new Answer(false), new Answer(null), new Answer(true)]);

        Assert.Throws<InvalidOperationException>(
            () => AdmissionChain.Open(plugins, TestKernel.Widgets("create"), AdmissionOperation.Create));

        Assert.Equal([1, 1, 1, 1], plugins.Releases);
    }

    [Fact]
    public void The_lease_of_whoever_cares_lasts_as_long_as_the_chain()
    {
        var plugins = new CountedHandle([new Answer(true), new Answer(false)]);

        var chain = AdmissionChain.Open(plugins, TestKernel.Widgets("create"), AdmissionOperation.Create);
        int[] open = [.. plugins.Releases];
        chain.Dispose();

        Assert.Equal([0, 1], open);
        Assert.Equal([1, 1], plugins.Releases);
    }

    private sealed class Answer(bool? cares) : IAdmission
    {
        public bool Handles(GroupVersionResource resource, string subresource, AdmissionOperation operation) =>
            cares ?? throw new InvalidOperationException("no answer");
    }

    /// <summary>Counts how often each lease was given back.</summary>
    private sealed class CountedHandle(IAdmission[] plugins) : ContractHandle<IAdmission>
    {
        public int[] Releases { get; } = new int[plugins.Length];

        public override bool IsAvailable => true;

        public override long Generation => 1;

        public override IReadOnlyList<ContractLease<IAdmission>> AcquireAll() =>
            [.. plugins.Select((plugin, i) => new ContractLease<IAdmission>(plugin, new("counted", "counted", "0.0.0", 1), 1, new Release(Releases, i)))];

        public override ContractLease<IAdmission> Acquire() => AcquireAll()[0];

        public override bool TryAcquire(out ContractLease<IAdmission> lease)
        {
            lease = Acquire();
            return true;
        }

        public override Task WaitForChangeAsync(long generation, CancellationToken cancellationToken) => Task.CompletedTask;

        private sealed class Release(int[] counts, int index) : IDisposable
        {
            public void Dispose() => counts[index]++;
        }
    }
}
