using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Modular.Abstractions;
using Modular.RuntimeNative.Protocol;
using Modular.Toolkit;

namespace Modular.Plugins.RuntimeNative;

/// <summary>
/// Asks the supervisor over one shared connection. Every request can be repeated, so one that was lost with its connection is asked again.
/// </summary>
internal sealed class SupervisorClient(SupervisorLauncher launcher) : IDisposable
{
    private const int Attempts = 3;
    private readonly SemaphoreSlim _connecting = new(1, 1);
    private Session? _session;
    private long _lastId;

    /// <summary>The questions and commands that have not ended.</summary>
    public InFlight Calls { get; } = new();

    /// <exception cref="RuntimeException">The supervisor refused.</exception>
    public async ValueTask<Response> AskAsync(Request request, CancellationToken cancellationToken)
    {
        using var call = Calls.Begin();
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                var session = await GetSessionAsync(cancellationToken).ConfigureAwait(false);
                return Check(await session.AskAsync(request with { Id = Interlocked.Increment(ref _lastId) }, cancellationToken).ConfigureAwait(false));
            }
            catch (Exception exception) when (IsBroken(exception))
            {
                // The supervisor died, or was stopped: the next attempt finds or starts another.
                if (attempt == Attempts)
                {
                    throw Lost(exception);
                }
            }
        }
    }

    /// <summary>The events after a position, until the supervisor or the caller ends.</summary>
    public async IAsyncEnumerable<EventRecord> WatchAsync(long after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var wire = await launcher.ConnectAsync(cancellationToken).ConfigureAwait(false);
        var request = new Request { Id = 1, Operation = Operations.Watch, After = after };
        await wire.WriteAsync(request, ProtocolJson.Default.Request, cancellationToken).ConfigureAwait(false);
        while (await ReadOrNullAsync(wire, cancellationToken).ConfigureAwait(false) is { } response)
        {
            if (response.Event is { } entry)
            {
                yield return entry;
            }
        }
    }

    /// <summary>A connection that is a session from now on: a command that has been started, or a container that is attached to.</summary>
    public async ValueTask<Wire> OpenAsync(Request request, CancellationToken cancellationToken)
    {
        var wire = await launcher.ConnectAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await wire.WriteAsync(request with { Id = 1 }, ProtocolJson.Default.Request, cancellationToken).ConfigureAwait(false);
            Check(await wire.ReadAsync(ProtocolJson.Default.Response, cancellationToken).ConfigureAwait(false)
                ?? throw new IOException("the supervisor closed the connection"));
            return wire;
        }
        catch (Exception exception) when (IsBroken(exception))
        {
            // Not asked again: the command may have run.
            wire.Dispose();
            throw Lost(exception);
        }
        catch
        {
            wire.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        _session?.Dispose();
        _connecting.Dispose();
        launcher.Dispose();
    }

    private static async ValueTask<Response?> ReadOrNullAsync(Wire wire, CancellationToken cancellationToken)
    {
        try
        {
            return await wire.ReadAsync(ProtocolJson.Default.Response, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (IsBroken(exception))
        {
            return null;
        }
    }

    private static bool IsBroken(Exception exception) => exception is IOException or SocketException or ObjectDisposedException;

    private static RuntimeException Lost(Exception exception) =>
        new("SupervisorNotRunning", $"the connection to the supervisor of containers was lost: {exception.Message}");

    private static Response Check(Response response) =>
        response.Error is { } error ? throw new RuntimeException(error.Reason, error.Message) : response;

    private async ValueTask<Session> GetSessionAsync(CancellationToken cancellationToken)
    {
        if (_session is { IsOpen: true } open)
        {
            return open;
        }

        await _connecting.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_session is { IsOpen: true } opened)
            {
                return opened;
            }

            _session?.Dispose();
            _session = null;
            return _session = await OpenAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _connecting.Release();
        }
    }

    private async ValueTask<Session> OpenAsync(CancellationToken cancellationToken)
    {
        var session = new Session(await launcher.ConnectAsync(cancellationToken).ConfigureAwait(false));
        try
        {
            var hello = Check(await session.AskAsync(new Request { Operation = Operations.Hello }, cancellationToken).ConfigureAwait(false)).Hello;
            return hello?.Protocol == ProtocolVersion.Current ? session : throw new RuntimeException(
                "SupervisorVersion",
                $"the running supervisor (pid {hello?.Pid}, version {hello?.Version}) is of another version; end it with 'modular down' and start again");
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    private sealed class Session : IDisposable
    {
        private readonly ConcurrentDictionary<long, TaskCompletionSource<Response>> _waiting = new();
        private readonly Wire _wire;
        private volatile bool _closed;

        public Session(Wire wire)
        {
            _wire = wire;
            _ = ReadAsync();
        }

        public bool IsOpen => !_closed;

        public async Task<Response> AskAsync(Request request, CancellationToken cancellationToken)
        {
            var answer = new TaskCompletionSource<Response>(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting[request.Id] = answer;
            try
            {
                if (_closed)
                {
                    throw new IOException("the supervisor closed the connection");
                }

                await _wire.WriteAsync(request, ProtocolJson.Default.Request, cancellationToken).ConfigureAwait(false);
                return await answer.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (Exception exception) when (IsBroken(exception))
            {
                // A write can fail before the reader hears of the end: nobody may find this connection open any more.
                _closed = true;
                throw;
            }
            finally
            {
                _waiting.TryRemove(request.Id, out _);
            }
        }

        public void Dispose()
        {
            _closed = true;
            _wire.Dispose();
        }

        private async Task ReadAsync()
        {
            Exception reason = new IOException("the supervisor closed the connection");
            try
            {
                while (await _wire.ReadAsync(ProtocolJson.Default.Response, CancellationToken.None).ConfigureAwait(false) is { } response)
                {
                    if (_waiting.TryGetValue(response.Id, out var answer))
                    {
                        answer.TrySetResult(response);
                    }
                }
            }
            catch (Exception exception)
            {
                // Whatever it was: nobody may wait for an answer that can't come.
                reason = new IOException($"the supervisor's connection broke: {exception.Message}", exception);
            }

            _closed = true;
            foreach (var answer in _waiting.Values)
            {
                answer.TrySetException(reason);
            }
        }
    }
}
