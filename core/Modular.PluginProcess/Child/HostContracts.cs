using Grpc.Core;
using Grpc.Net.Client;
using Modular.Abstractions;
using Modular.PluginLoader;
using Modular.PluginProcess.Contracts;
using Protocol = Modular.PluginProcess.Protocol;

namespace Modular.PluginProcess.Child;

/// <summary>The contracts that this process uses, as the host says who provides them.</summary>
internal sealed class HostContracts : IAsyncDisposable
{
    private readonly GrpcChannel _channel;
    private readonly Dictionary<string, HostContract> _contracts;
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _known = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _following = Task.CompletedTask;

    /// <param name="required">What the manifest requires.</param>
    /// <param name="socket">Where the host answers.</param>
    public HostContracts(IEnumerable<RequiredContract> required, string socket)
    {
        _channel = PluginChannel.Open(socket);
        var host = _channel.CreateCallInvoker();
        _contracts = required.ToDictionary(requirement => requirement.Contract, requirement => ContractAdapter.Find(requirement.Contract)!.Follow(host));
    }

    /// <summary>Follows who provides them.</summary>
    /// <param name="lost">Called when the host says no more.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Completes when each is known.</returns>
    public async Task FollowAsync(Action<string> lost, CancellationToken cancellationToken)
    {
        if (_contracts.Count > 0)
        {
            _following = FollowUntilStoppedAsync(lost);
            await _known.Task.WaitAsync(cancellationToken);
        }
    }

    /// <summary>A contract; null if the manifest does not require it.</summary>
    public HostContract<T>? Find<T>()
        where T : class => _contracts.GetValueOrDefault(ContractAdapter.NameOf(typeof(T))) as HostContract<T>;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _following;
        _channel.Dispose();
        _stop.Dispose();
    }

    private async Task FollowUntilStoppedAsync(Action<string> lost)
    {
        var trouble = "the host ended it";
        try
        {
            await FollowAsync(_stop.Token);
        }
        catch (Exception e) when (e is RpcException or OperationCanceledException)
        {
            trouble = e.Message;
        }

        if (!_stop.IsCancellationRequested && !_known.TrySetException(new PluginProcessException($"the host does not say who provides what: {trouble}")))
        {
            lost(trouble);
        }
    }

    private async Task FollowAsync(CancellationToken stop)
    {
        using var call = new Protocol.Requirements.RequirementsClient(_channel).Watch(new Protocol.WatchRequirementsRequest(), cancellationToken: stop);
        var unknown = _contracts.Keys.ToHashSet();
        await foreach (var requirement in call.ResponseStream.ReadAllAsync(stop))
        {
            if (_contracts.TryGetValue(requirement.Contract, out var contract))
            {
                contract.Show(requirement);
                unknown.Remove(requirement.Contract);
            }

            if (unknown.Count == 0)
            {
                _known.TrySetResult();
            }
        }
    }
}
