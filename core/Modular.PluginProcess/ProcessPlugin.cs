using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Modular.Abstractions;
using Modular.PluginLoader;
using Modular.PluginProcess.Contracts;
using Modular.PluginProcess.Http;
using Protocol = Modular.PluginProcess.Protocol;

namespace Modular.PluginProcess;

/// <summary>
/// A plugin in a process of its own, as the host sees it. A process that ends or does not answer is started again, at once the first time and
/// with growing pauses then; calls meanwhile fail, and whoever holds a session opens another.
/// </summary>
internal sealed partial class ProcessPlugin(InstalledPlugin plugin, PluginLimits limits, PluginProcessOptions options) : IPlugin, ILingering
{
    private const int MostMisses = 3;
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LongEnough = TimeSpan.FromMinutes(1);

    private readonly CancellationTokenSource _stopping = new();
    private IPluginContext? _context;
    private ILogger _log = NullLogger.Instance;
    private GrpcChannel? _channel;
    private Protocol.Plugin.PluginClient? _client;
    private ListenerLender? _lender;
    private ContractServer? _contracts;
    private Lazy<RequestForwarder>? _requests;
    private PluginChild? _child;
    private PluginChild? _lingering;
    private Task _keeping = Task.CompletedTask;
    private long _generation;

    private string Socket => Path.Combine(_context!.StateDirectory, $"plugin-{_context.Self.Epoch}.sock");

    private string Kubeconfig => Path.Combine(_context!.StateDirectory, $"plugin-{_context.Self.Epoch}.kubeconfig");

    private string LoansSocket => Path.Combine(_context!.StateDirectory, $"plugin-{_context.Self.Epoch}.loans");

    private string ContractsSocket => Path.Combine(_context!.StateDirectory, $"plugin-{_context.Self.Epoch}.contracts");

    public bool Lingers { get; private set; }

    // The process tells when it is stopped, and its end is waited for there.
    public Task LingerAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async ValueTask ProvisionAsync(IPluginContext context, CancellationToken cancellationToken)
    {
        _context = context;
        _log = context.Log.CreateLogger("process");
        _channel = PluginChannel.Open(Socket);
        _client = new Protocol.Plugin.PluginClient(_channel);
        _lender = new ListenerLender(LoansSocket, context.Listeners);
        if (plugin.Manifest.Permissions.Count > 0)
        {
            options.WriteKubeconfig(context.Self, Kubeconfig);
        }

        if (plugin.Manifest.Requires.Count > 0)
        {
            _contracts = await ContractServer.StartAsync(
                ContractsSocket, [.. plugin.Manifest.Requires.Select(required => ContractAdapter.Find(required.Contract)!.Serve(context))],
                context.Log.CreateLogger("contracts"), cancellationToken).ConfigureAwait(false);
        }

        await BeginAsync(cancellationToken).ConfigureAwait(false);
        _requests = new Lazy<RequestForwarder>(() => new RequestForwarder(context.Self, ProcessProtocol.HttpSocketOf(Socket)));
        var remote = new RemotePlugin(context.Self, _channel.CreateCallInvoker(), options.CallTimeout, () => Interlocked.Read(ref _generation))
        {
            Features = plugin.Manifest.Features,
            Requests = _requests,
        };
        foreach (var provided in plugin.Manifest.Provides)
        {
            await ContractAdapter.Find(provided.Contract)!.ProvideAsync(context, remote, cancellationToken).ConfigureAwait(false);
        }
    }

    public async ValueTask StartAsync(CancellationToken cancellationToken)
    {
        await StepAsync("Start", _client!.StartAsync(new Protocol.StartRequest(), cancellationToken: cancellationToken)).ConfigureAwait(false);
        _keeping = Task.Run(() => KeepAsync(_stopping.Token), CancellationToken.None);
    }

    public async ValueTask StopAsync(StopReason reason, CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _keeping.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_child is { Exit.IsCompleted: false } child)
        {
            var stopped = await StepAsync(
                "Stop", _client!.StopAsync(new Protocol.StopRequest { Reason = reason.ToString() }, cancellationToken: cancellationToken)).ConfigureAwait(false);
            if (stopped.Lingers)
            {
                (_child, _lingering) = (null, child);
                LogLingers(child.Pid);
            }
            else
            {
                await child.EndAsync().ConfigureAwait(false);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _keeping.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_lingering is { } lingering)
        {
            // What it carries leads through this process, which nobody waits for.
            _lingering = null;
            _ = CloseAfterAsync(lingering);
            return;
        }

        await CloseAsync().ConfigureAwait(false);
    }

    private async Task CloseAfterAsync(PluginChild lingering)
    {
        await lingering.LeaveAsync().ConfigureAwait(false);
        await CloseAsync().ConfigureAwait(false);
    }

    private async ValueTask CloseAsync()
    {
        _channel?.Dispose();
        _channel = null;
        if (_requests is { IsValueCreated: true })
        {
            _requests.Value.Dispose();
        }

        await EndChildAsync().ConfigureAwait(false);
        if (_lender is not null)
        {
            await _lender.DisposeAsync().ConfigureAwait(false);
            _lender = null;
        }

        if (_contracts is not null)
        {
            await _contracts.DisposeAsync().ConfigureAwait(false);
            _contracts = null;
        }

        if (_context is not null)
        {
            File.Delete(Socket);
            File.Delete(ProcessProtocol.HttpSocketOf(Socket));
            File.Delete(Kubeconfig);
        }
    }

    /// <summary>Starts a process and provisions it.</summary>
    private async Task BeginAsync(CancellationToken cancellationToken)
    {
        var context = _context!;
        _child = await PluginChild.StartAsync(
            PluginCommand.Of(plugin, options.Executable), Socket, limits, plugin.Manifest.HostPrivileges, _log, options, context.Time, cancellationToken).ConfigureAwait(false);
        LogStarted(_child.Pid);
        if (ProcessPrivileges.AreKeptByAll)
        {
            LogKeepsPrivileges();
        }

        var request = ContextMessages.ToRequest(context, plugin.Manifest.Permissions.Count > 0 ? Kubeconfig : "", LoansSocket, _contracts is null ? "" : ContractsSocket);
        var reply = await StepAsync("Provision", _client!.ProvisionAsync(request, cancellationToken: cancellationToken)).ConfigureAwait(false);
        Lingers = reply.Lingers;
    }

    private void Renew()
    {
        Interlocked.Increment(ref _generation);
        _context!.Renew();
    }

    private async ValueTask EndChildAsync()
    {
        if (_child is { } child)
        {
            _child = null;
            await child.DisposeAsync().ConfigureAwait(false);
        }
    }

    private async Task KeepAsync(CancellationToken stop)
    {
        var failures = 0;
        while (true)
        {
            var begun = _context!.Time.GetTimestamp();
            var trouble = await FollowAsync(stop).ConfigureAwait(false);
            failures = _context.Time.GetElapsedTime(begun) >= LongEnough ? 0 : failures;
            for (var runs = false; !runs; failures++)
            {
                var pause = failures == 0 ? TimeSpan.Zero : TimeSpan.FromSeconds(Math.Min(LongestPause.TotalSeconds, Math.Pow(2, failures - 1)));
                _context.SetReady(false, "ProcessEnded", $"{trouble}; it is started again{(pause > TimeSpan.Zero ? $" after {pause.TotalSeconds:0.#} s" : "")}");
                LogTrouble(trouble, pause.TotalSeconds);
                await EndChildAsync().ConfigureAwait(false);
                await Task.Delay(pause, _context.Time, stop).ConfigureAwait(false);
                try
                {
                    await BeginAsync(stop).ConfigureAwait(false);
                    await StepAsync("Start", _client!.StartAsync(new Protocol.StartRequest(), cancellationToken: stop)).ConfigureAwait(false);
                    _context.SetReady(true);
                    // Whatever the one before was told, this one does not know.
                    Renew();
                    runs = true;
                }
                catch (Exception e) when (e is IOException or UnauthorizedAccessException && !stop.IsCancellationRequested)
                {
                    trouble = e.Message;
                }
            }
        }
    }

    /// <summary>Passes on what the process says of itself until there is trouble with it.</summary>
    /// <returns>The trouble.</returns>
    private async Task<string> FollowAsync(CancellationToken stop)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var watching = WatchAsync(ended.Token);
        var checking = CheckAsync(ended.Token);
        try
        {
            await Task.WhenAny(_child!.Exit, checking).WaitAsync(stop).ConfigureAwait(false);
            // Checks that were cancelled say nothing about the process.
            stop.ThrowIfCancellationRequested();
            return _child.Exit.IsCompleted
                ? $"process {_child.Pid} ended with exit code {await _child.Exit.ConfigureAwait(false)}"
                : $"process {_child.Pid} did not answer {MostMisses} times and was killed";
        }
        finally
        {
            await ended.CancelAsync().ConfigureAwait(false);
            await Task.WhenAll(watching, checking).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task WatchAsync(CancellationToken stop)
    {
        using var call = _client!.Watch(new Protocol.WatchRequest(), cancellationToken: stop);
        var renewals = 0L;
        await foreach (var condition in call.ResponseStream.ReadAllAsync(stop).ConfigureAwait(false))
        {
            _context!.SetReady(condition.Ready, condition.Reason, condition.Message);
            if (condition.Renewals != renewals)
            {
                renewals = condition.Renewals;
                Renew();
            }
        }
    }

    /// <summary>Returns when the process did not answer several times in a row.</summary>
    private async Task CheckAsync(CancellationToken stop)
    {
        for (var misses = 0; misses < MostMisses;)
        {
            await Task.Delay(options.CheckInterval, _context!.Time, stop).ConfigureAwait(false);
            try
            {
                await _client!.CheckAsync(new Protocol.CheckRequest(), deadline: DateTime.UtcNow + options.CheckInterval, cancellationToken: stop).ConfigureAwait(false);
                misses = 0;
            }
            catch (RpcException) when (!stop.IsCancellationRequested)
            {
                misses++;
            }
        }
    }

    private async Task<T> StepAsync<T>(string step, AsyncUnaryCall<T> call)
    {
        using (call)
        {
            try
            {
                return await call.ResponseAsync.ConfigureAwait(false);
            }
            catch (RpcException e)
            {
                throw new PluginProcessException(
                    e.StatusCode == StatusCode.FailedPrecondition ? e.Status.Detail : $"{step} of {plugin.Manifest.Id} failed: {e.StatusCode}: {e.Status.Detail}", e);
            }
        }
    }

    [LoggerMessage(LogLevel.Information, "process started pid={Pid}")]
    private partial void LogStarted(int pid);

    [LoggerMessage(LogLevel.Warning, "process has all privileges of this host, which lacks setpcap to take them away")]
    private partial void LogKeepsPrivileges();

    [LoggerMessage(LogLevel.Information, "process was replaced and ends when what it carries has ended pid={Pid}")]
    private partial void LogLingers(int pid);

    [LoggerMessage(LogLevel.Warning, "{Trouble} pause={Pause}")]
    private partial void LogTrouble(string trouble, double pause);
}
