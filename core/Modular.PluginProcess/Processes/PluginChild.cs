using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging;
using Modular.PluginLoader;

namespace Modular.PluginProcess;

/// <summary>
/// A running process of a plugin, in a session of its own. Its standard input stays open as long as this host lives, and that is how it
/// knows. It is ended together with all that it started.
/// </summary>
internal sealed class PluginChild : IAsyncDisposable
{
    private static readonly string[] Inherited = ["PATH", "HOME", "USER", "LANG", "LC_ALL", "TZ", "TMPDIR"];

    private readonly Process _process;
    private readonly string _pidFile;
    private readonly TimeSpan _endTimeout;
    private readonly Task _output;
    private ChildGroup? _group;
    private bool _killed;

    private PluginChild(Process process, string pidFile, TimeSpan endTimeout, Task output, Task<int> exit)
    {
        _process = process;
        _pidFile = pidFile;
        _endTimeout = endTimeout;
        _output = output;
        Exit = exit;
    }

    public int Pid => _process.Id;

    /// <summary>The exit code, or 128 and the signal's number.</summary>
    public Task<int> Exit { get; }

    /// <summary>Starts a process and waits until it serves. What an earlier host left of it is ended first.</summary>
    /// <param name="command">What to start.</param>
    /// <param name="socket">Where it is to serve.</param>
    /// <param name="limits">What it may take.</param>
    /// <param name="privileges">What it may do to the machine.</param>
    /// <param name="log">Gets what it writes.</param>
    /// <param name="options">How long to wait.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Ends the attempt, and the process.</param>
    /// <exception cref="PluginProcessException">It doesn't serve, and why.</exception>
    public static async Task<PluginChild> StartAsync(
        PluginCommand command, string socket, PluginLimits limits, HostPrivileges privileges, ILogger log, PluginProcessOptions options, TimeProvider time,
        CancellationToken cancellationToken)
    {
        var pidFile = Path.ChangeExtension(socket, ".pid");
        await PluginLeftovers.EndAsync(Path.GetDirectoryName(socket)!, cancellationToken).ConfigureAwait(false);
        File.Delete(socket);
        File.Delete(ProcessProtocol.HttpSocketOf(socket));
        var process = Start(command, socket, privileges);
        ProcessRecord.Of(process.Id).Write(pidFile);
        var greeting = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        var output = new MirroredOutput(log);
        var mirrored = Task.WhenAll(
            output.MirrorAsync(process.StandardOutput.BaseStream, line => !greeting.Task.IsCompleted && IsGreeting(line) && greeting.TrySetResult(line)),
            output.MirrorAsync(process.StandardError.BaseStream, _ => false));
        var child = new PluginChild(process, pidFile, options.EndTimeout, mirrored, WaitAsync(process));
        try
        {
            ProcessLimits.Set(process.Id, limits);
            child._group = ChildGroup.Enter(ProcessRecord.Of(process.Id), limits);
            await Task.WhenAny(greeting.Task, child.Exit).WaitAsync(options.GreetingTimeout, time, cancellationToken).ConfigureAwait(false);
            if (!greeting.Task.IsCompleted)
            {
                await Task.WhenAny(mirrored, Task.Delay(options.EndTimeout, cancellationToken)).ConfigureAwait(false);
                throw new PluginProcessException($"{Name(command)} ended with exit code {await child.Exit.ConfigureAwait(false)}{Said(output)}");
            }

            CheckVersion(command, await greeting.Task.ConfigureAwait(false));
            return child;
        }
        catch (Exception e)
        {
            await child.DisposeAsync().ConfigureAwait(false);
            throw e is TimeoutException
                ? new PluginProcessException($"{Name(command)} did not write '{ProcessProtocol.Greeting} {ProcessProtocol.Version}' within {options.GreetingTimeout.TotalSeconds:0.#} s{Said(output)}")
                : e;
        }
    }

    /// <summary>Asks the process to end, by ending its input, and kills it if it does not.</summary>
    public async Task EndAsync()
    {
        CloseInput();
        await Task.WhenAny(Exit, Task.Delay(_endTimeout)).ConfigureAwait(false);
        await KillAsync().ConfigureAwait(false);
    }

    /// <summary>Lets the process go on until it ends by itself, or with this host.</summary>
    public async Task LeaveAsync()
    {
        await Exit.ConfigureAwait(false);
        await DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>Ends the process and all that it started, at once.</summary>
    public async Task KillAsync()
    {
        // Only once: afterwards the number may be another process's.
        if (!_killed)
        {
            _killed = true;
            Signals.SendToGroup(_process.Id, Signals.Kill);
        }

        await Exit.ConfigureAwait(false);
        if (Interlocked.Exchange(ref _group, null) is { } group)
        {
            await group.RemoveAsync().ConfigureAwait(false);
        }

        File.Delete(_pidFile);
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync().ConfigureAwait(false);
        CloseInput();
        // What it started and has left its group may hold its output open for ever.
        await Task.WhenAny(_output, Task.Delay(_endTimeout)).ConfigureAwait(false);
        _process.Dispose();
    }

    private static Process Start(PluginCommand command, string socket, HostPrivileges privileges)
    {
        // What these start is the same process: they have no need to fork.
        var start = new ProcessStartInfo("setsid", ["--", .. ProcessPrivileges.Prefix(privileges), .. command.Arguments])
        {
            WorkingDirectory = command.Directory,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        var all = new Dictionary<string, string?>(start.Environment, StringComparer.Ordinal);
        start.Environment.Clear();
        foreach (var (name, value) in all.Where(variable => Inherited.Contains(variable.Key) || variable.Key.StartsWith("DOTNET_", StringComparison.Ordinal)))
        {
            start.Environment[name] = value;
        }

        start.Environment[ProcessProtocol.SocketVariable] = socket;
        start.Environment[ProcessProtocol.HttpSocketVariable] = ProcessProtocol.HttpSocketOf(socket);
        start.Environment[ProcessProtocol.VersionVariable] = ProcessProtocol.Version.ToString(CultureInfo.InvariantCulture);
        try
        {
            return Process.Start(start) ?? throw new PluginProcessException($"{Name(command)} can't be started");
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new PluginProcessException($"{Name(command)} can't be started: {e.Message}", e);
        }
    }

    private static async Task<int> WaitAsync(Process process)
    {
        await process.WaitForExitAsync(CancellationToken.None).ConfigureAwait(false);
        return process.ExitCode;
    }

    private static bool IsGreeting(string line) => line.StartsWith(ProcessProtocol.Greeting + " ", StringComparison.Ordinal);

    private static void CheckVersion(PluginCommand command, string greeting)
    {
        var version = greeting[(ProcessProtocol.Greeting.Length + 1)..];
        if (version != ProcessProtocol.Version.ToString(CultureInfo.InvariantCulture))
        {
            throw new PluginProcessException(
                $"{Name(command)} speaks version {version} of the protocol, this host version {ProcessProtocol.Version}; use a build of the plugin for this host");
        }
    }

    private static string Name(PluginCommand command) => $"'{string.Join(' ', command.Arguments)}'";

    private static string Said(MirroredOutput output) => output.LastLine.Length > 0 ? $": {output.LastLine}" : "";

    private void CloseInput()
    {
        try
        {
            _process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It was gone before.
        }
    }
}
