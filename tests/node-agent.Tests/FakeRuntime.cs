using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Modular.Abstractions;

namespace Modular.Plugins.NodeAgent.Tests;

/// <summary>A runtime whose containers end when a test says so. It outlives the agents of a test as a supervisor outlives its hosts.</summary>
internal sealed class FakeRuntime(TimeProvider time) : IContainerRuntime, IContainerStreams
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, SandboxState> _sandboxes = [];
    private readonly Dictionary<string, ContainerState> _containers = [];
    private readonly List<Channel<RuntimeEvent>> _watchers = [];
    private long _position;
    private int _addresses;

    /// <summary>What every container was started with.</summary>
    public Dictionary<string, ContainerSpec> Specs { get; } = [];

    /// <summary>Containers that do not react to TERM.</summary>
    public HashSet<string> Deaf { get; } = [];

    /// <summary>Stops, with their grace.</summary>
    public List<(string Id, TimeSpan Grace)> Stops { get; } = [];

    /// <summary>Whether the process of the runtime is away.</summary>
    public bool IsAway { get; set; }

    /// <summary>Calls while it was.</summary>
    public int Missed { get; private set; }

    /// <summary>The answer to commands: exit code and output.</summary>
    public Func<ExecRequest, (int Code, string Output)> Exec { get; set; } = _ => (0, "");

    /// <summary>What a container says, and how it ends, once whoever is attached has said all.</summary>
    public Func<(int Code, string Output)> Attach { get; set; } = () => (0, "");

    /// <summary>How the runtime says it keeps containers apart.</summary>
    public string Mode { get; init; } = "process";

    /// <summary>Thrown by the next starts.</summary>
    public RuntimeException? StartFails { get; set; }

    public int Starts { get; private set; }

    public ContainerState? Find(string id)
    {
        lock (_lock)
        {
            return _containers.GetValueOrDefault(id);
        }
    }

    public SandboxState Sandbox(string id)
    {
        lock (_lock)
        {
            return _sandboxes[id];
        }
    }

    public int SandboxCount
    {
        get
        {
            lock (_lock)
            {
                return _sandboxes.Count;
            }
        }
    }

    public void End(string id, int code)
    {
        lock (_lock)
        {
            if (_containers[id].Phase == ContainerPhase.Running)
            {
                Set(_containers[id] with { Phase = ContainerPhase.Exited, ExitCode = code, Reason = code == 0 ? "Completed" : "Error", FinishedAt = time.GetUtcNow() });
            }
        }
    }

    public ValueTask<RuntimeInfo> GetInfoAsync(CancellationToken cancellationToken) =>
        ValueTask.FromResult(new RuntimeInfo { Name = "fake", Version = "1", Mode = Mode, Limitation = "nothing runs", AssignsAddresses = true });

    public ValueTask<string> EnsureImageAsync(ImageRequest request, CancellationToken cancellationToken) =>
        request.Image == "missing" ? throw new RuntimeException("ErrImagePull", "there is no such image") : ValueTask.FromResult(request.Image);

    public ValueTask<SandboxState> EnsureSandboxAsync(SandboxSpec spec, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (!_sandboxes.TryGetValue(spec.Id, out var sandbox) || !sandbox.Running)
            {
                var own = Mode == "isolated" && !spec.HostNetwork;
                sandbox = new SandboxState
                {
                    Id = spec.Id,
                    Running = true,
                    Addresses = Mode == "isolated" ? [] : [$"127.64.0.{++_addresses}"],
                    NetworkNamespace = own ? $"/run/netns/{spec.Id}" : "",
                    Spec = spec,
                };
                _sandboxes[spec.Id] = sandbox;
            }

            return ValueTask.FromResult(sandbox);
        }
    }

    public ValueTask StopSandboxAsync(string sandboxId, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (_sandboxes.TryGetValue(sandboxId, out var sandbox))
            {
                // Events are about containers only: who follows has to list again.
                _sandboxes[sandboxId] = sandbox with { Running = false };
                Publish(new RuntimeEvent { Type = RuntimeEventType.Resync, Position = ++_position });
            }

            foreach (var container in _containers.Values.Where(container => container.SandboxId == sandboxId).ToArray())
            {
                End(container.Id, 137);
            }
        }

        return ValueTask.CompletedTask;
    }

    public ValueTask RemoveSandboxAsync(string sandboxId, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            _sandboxes.Remove(sandboxId);
            foreach (var container in _containers.Values.Where(container => container.SandboxId == sandboxId).ToArray())
            {
                _containers.Remove(container.Id);
            }
        }

        return ValueTask.CompletedTask;
    }

    public ValueTask EnsureContainerAsync(ContainerSpec spec, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (!_containers.ContainsKey(spec.Id))
            {
                Specs[spec.Id] = spec;
                Set(new ContainerState
                {
                    Id = spec.Id,
                    SandboxId = spec.SandboxId,
                    Name = spec.Name,
                    Attempt = spec.Attempt,
                    Image = spec.Image,
                    LogPath = spec.LogPath,
                });
            }
        }

        return ValueTask.CompletedTask;
    }

    public ValueTask<ContainerState> StartContainerAsync(string containerId, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (StartFails is { } failure)
            {
                throw failure;
            }

            if (_containers[containerId].Phase == ContainerPhase.Created)
            {
                Starts++;
                Set(_containers[containerId] with { Phase = ContainerPhase.Running, StartedAt = time.GetUtcNow(), Pid = 1 });
            }

            return ValueTask.FromResult(_containers[containerId]);
        }
    }

    public async ValueTask StopContainerAsync(string containerId, TimeSpan grace, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            Stops.Add((containerId, grace));
            ThrowIfAway();
        }

        if (grace > TimeSpan.Zero && Deaf.Contains(containerId))
        {
            await Task.Delay(grace, time, cancellationToken);
        }

        End(containerId, grace > TimeSpan.Zero && !Deaf.Contains(containerId) ? 143 : 137);
    }

    public ValueTask RemoveContainerAsync(string containerId, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            _containers.Remove(containerId);
        }

        return ValueTask.CompletedTask;
    }

    /// <summary>Lists are taken and events happen, and they are told only when this has ended.</summary>
    public Task Telling { get; set; } = Task.CompletedTask;

    public async ValueTask<RuntimeState> ListAsync(CancellationToken cancellationToken)
    {
        var state = Take();
        await Telling;
        return state;

        RuntimeState Take()
        {
            lock (_lock)
            {
                Lists++;
                return new RuntimeState { Position = _position, Sandboxes = [.. _sandboxes.Values], Containers = [.. _containers.Values] };
            }
        }
    }

    /// <summary>The lists that were taken.</summary>
    public int Lists { get; private set; }

    public IAsyncEnumerable<RuntimeEvent> WatchAsync(long after, CancellationToken cancellationToken)
    {
        var events = Channel.CreateUnbounded<RuntimeEvent>();
        lock (_lock)
        {
            if (after != _position)
            {
                events.Writer.TryWrite(new RuntimeEvent { Type = RuntimeEventType.Resync, Position = _position });
            }

            _watchers.Add(events);
        }

        return TellAsync(events.Reader, cancellationToken);
    }

    private async IAsyncEnumerable<RuntimeEvent> TellAsync(ChannelReader<RuntimeEvent> events, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var entry in events.ReadAllAsync(cancellationToken))
        {
            await Telling.WaitAsync(cancellationToken);
            yield return entry;
        }
    }

    public ValueTask<IContainerSession> ExecAsync(ExecRequest request, CancellationToken cancellationToken)
    {
        ThrowIfAway();
        return ValueTask.FromResult<IContainerSession>(new FakeSession(request.Stdin, request.Tty, () => Exec(request)));
    }

    /// <summary>Who attached to what, and how.</summary>
    public List<AttachRequest> Attached { get; } = [];

    public ValueTask<IContainerSession> AttachAsync(AttachRequest request, CancellationToken cancellationToken)
    {
        ThrowIfAway();
        Attached.Add(request);
        return ValueTask.FromResult<IContainerSession>(new FakeSession(request.Stdin, request.Tty, Attach));
    }

    private void ThrowIfAway()
    {
        if (IsAway)
        {
            Missed++;
            throw new RuntimeException("RuntimeUnavailable", "the process of the runtime is away");
        }
    }

    private void Set(ContainerState container)
    {
        _containers[container.Id] = container;
        Publish(new RuntimeEvent { Type = RuntimeEventType.ContainerChanged, Position = ++_position, Container = container });
    }

    private void Publish(RuntimeEvent entry)
    {
        foreach (var watcher in _watchers)
        {
            watcher.Writer.TryWrite(entry);
        }
    }

    /// <summary>With input it echoes until the input ends; then it gives the answer of the test.</summary>
    private sealed class FakeSession : IContainerSession
    {
        private readonly Pipe? _input;
        private readonly Pipe _output = new();
        private readonly Pipe? _error;

        public FakeSession(bool stdin, bool tty, Func<(int Code, string Output)> answer)
        {
            _input = stdin ? new Pipe() : null;
            _error = tty ? null : new Pipe();
            Completion = RunAsync(answer);
        }

        public PipeWriter? Input => _input?.Writer;

        public PipeReader Output => _output.Reader;

        public PipeReader? Error => _error?.Reader;

        public Task<int> Completion { get; }

        public (int Columns, int Rows) Size { get; private set; }

        public ValueTask ResizeAsync(int columns, int rows, CancellationToken cancellationToken)
        {
            Size = (columns, rows);
            return ValueTask.CompletedTask;
        }

        public ValueTask DisposeAsync()
        {
            _input?.Writer.Complete();
            return ValueTask.CompletedTask;
        }

        private async Task<int> RunAsync(Func<(int Code, string Output)> answer)
        {
            if (_input is not null)
            {
                await _input.Reader.CopyToAsync(_output.Writer);
            }

            var (code, text) = answer();
            await (_error ?? _output).Writer.WriteAsync(System.Text.Encoding.UTF8.GetBytes(text));
            await _output.Writer.CompleteAsync();
            await (_error?.Writer.CompleteAsync() ?? ValueTask.CompletedTask);
            return code;
        }
    }
}

/// <summary>A handle on one provider that stays.</summary>
internal sealed class FixedHandle<T>(T provider) : ContractHandle<T>
    where T : class
{
    public override bool IsAvailable => true;

    public override long Generation => 1;

    public override ContractLease<T> Acquire() => new(provider, new PluginIdentity("runtime", "fake", "1.0.0", 1), 1, null);

    public override bool TryAcquire(out ContractLease<T> lease)
    {
        lease = Acquire();
        return true;
    }

    public override IReadOnlyList<ContractLease<T>> AcquireAll() => [Acquire()];

    public override Task WaitForChangeAsync(long generation, CancellationToken cancellationToken) => Task.Delay(Timeout.Infinite, cancellationToken);
}
