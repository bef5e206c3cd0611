using Modular.Abstractions;

namespace Modular.Plugins.NetworkBridge;

/// <summary>
/// Provides the pod network of an isolated cluster; in process mode it only waits. Stopping leaves the network as it is, since containers
/// go on.
/// </summary>
public sealed class BridgePlugin : IPlugin, IMachineCleanup
{
    private static readonly TimeSpan LookAfterEvery = TimeSpan.FromSeconds(10);
    private readonly CancellationTokenSource _stopping = new();
    private IPluginContext? _context;
    private PodNetwork? _network;
    private Task _lookingAfter = Task.CompletedTask;

    /// <inheritdoc />
    public ValueTask ProvisionAsync(IPluginContext context, CancellationToken cancellationToken)
    {
        var options = BridgeOptions.Read(context.Configuration);
        var cluster = context.Host.Network;
        _context = context;
        _network = new PodNetwork(() => cluster.Isolated
            ? new BridgeNetwork(options, cluster, context.DataDirectory)
            : throw new PodNetworkException("NotIsolated", "this cluster runs containers as processes of the machine, which have its network"));
        context.Provide<IPodNetwork>(_network);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc />
    public async ValueTask StartAsync(CancellationToken cancellationToken)
    {
        if (!_context!.Host.Network.Isolated)
        {
            _context.SetReady(true);
            return;
        }

        var notice = Path.Combine(_context.StateDirectory, IMachineCleanup.NoticeFile);
        await File.WriteAllTextAsync(notice, _context.Self.Id, cancellationToken).ConfigureAwait(false);
        await MakeSureAsync(cancellationToken).ConfigureAwait(false);
        _lookingAfter = LookAfterAsync(_stopping.Token);
    }

    /// <inheritdoc />
    public async ValueTask StopAsync(StopReason reason, CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _lookingAfter.ConfigureAwait(false);
    }

    /// <inheritdoc />
    public ValueTask CleanAsync(string dataDirectory, CancellationToken cancellationToken)
    {
        NetworkRemoval.Run(new NetworkNames(dataDirectory));
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await StopAsync(StopReason.Shutdown, CancellationToken.None).ConfigureAwait(false);
        _network?.Dispose();
        _network = null;
    }

    // Others flush rules, or come later and drop what is passed on.
    private async Task LookAfterAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var timer = new PeriodicTimer(LookAfterEvery, _context!.Time);
            while (await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false))
            {
                await MakeSureAsync(cancellationToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // The plugin stops.
        }
    }

    private async Task MakeSureAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _network!.GetInfoAsync(cancellationToken).ConfigureAwait(false);
            _context!.SetReady(true);
        }
        catch (PodNetworkException exception)
        {
            _context!.SetReady(false, exception.Reason, exception.Message);
        }
    }
}
