using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Modular.Abstractions;
using Modular.RuntimeNative.Protocol;

namespace Modular.Plugins.RuntimeNative;

/// <summary>Connects to the supervisor, and starts one if none runs.</summary>
internal sealed partial class SupervisorLauncher(string program, IRuntimeMode mode, string stateDirectory, string dataDirectory, ILogger log) : IDisposable
{
    private const int Attempts = 5;
    private readonly SemaphoreSlim _starting = new(1, 1);

    public async ValueTask<Wire> ConnectAsync(CancellationToken cancellationToken)
    {
        if (await TryConnectAsync(cancellationToken).ConfigureAwait(false) is { } wire)
        {
            return wire;
        }

        await _starting.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            for (var attempt = 1; ; attempt++)
            {
                if (await TryConnectAsync(cancellationToken).ConfigureAwait(false) is { } connected)
                {
                    return connected;
                }

                if (attempt > Attempts)
                {
                    throw new RuntimeException(
                        "SupervisorNotRunning", $"the supervisor of containers does not answer; see {Path.Combine(stateDirectory, "supervisor.log")}");
                }

                await StartAsync(cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            _starting.Release();
        }
    }

    public void Dispose() => _starting.Dispose();

    private async ValueTask<Wire?> TryConnectAsync(CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            var endpoint = new UnixDomainSocketEndPoint(Path.Combine(stateDirectory, "supervisor.sock"));
            await socket.ConnectAsync(endpoint, cancellationToken).ConfigureAwait(false);
            return new Wire(socket);
        }
        catch (SocketException)
        {
            socket.Dispose();
            return null;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private async Task StartAsync(CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(stateDirectory);
        Directory.CreateDirectory(dataDirectory);
        var command = new SupervisorCommand(program, [stateDirectory, dataDirectory, .. mode.SupervisorArguments]);
        await command.KeepAsync(dataDirectory).ConfigureAwait(false);
        try
        {
            using var process = command.Start();
            // Who stops the cluster meanwhile finds it by this file, later by its own.
            var notice = Path.Combine(stateDirectory, "supervisor-starting.pid");
            await File.WriteAllTextAsync(notice, $"{ProcessIdentity.Of(process.Id)}\n", CancellationToken.None).ConfigureAwait(false);
            var word = await process.StandardOutput.ReadLineAsync(CancellationToken.None).ConfigureAwait(false);
            File.Delete(notice);
            if (word == "ready")
            {
                LogStarted(process.Id);
                return;
            }

            // Another host was faster, or an earlier supervisor is just ending: give it the time to do so.
            await Task.Delay(TimeSpan.FromMilliseconds(200), cancellationToken).ConfigureAwait(false);
        }
        catch (System.ComponentModel.Win32Exception exception)
        {
            throw new RuntimeException("SupervisorNotRunning", $"the supervisor {program} can't be started: {exception.Message}");
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "started the supervisor of containers, pid {Pid}")]
    private partial void LogStarted(int pid);
}
