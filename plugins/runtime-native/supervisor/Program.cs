using System.Reflection;
using System.Runtime.InteropServices;
using Modular.RuntimeNative.Protocol;
using Modular.RuntimeNative.Supervisor;
using Modular.RuntimeNative.Supervisor.Containers;
using Modular.RuntimeNative.Supervisor.Isolation;
using Modular.RuntimeNative.Supervisor.Native;
using Modular.RuntimeNative.Supervisor.Server;

// Nobody is to run afterwards: what a killed supervisor left is ended and taken away.
var cleaning = args is ["clean", ..];
args = cleaning ? args[1..] : args;
if (args is not ([_, _, _] or [_, _, "isolated", _, _, ..]))
{
    SupervisorLog.Write(
        "usage: modular-supervisor [clean] STATE-DIRECTORY DATA-DIRECTORY (ADDRESS-RANGE | isolated PROGRAM-DIRECTORY RUNTIME-DIRECTORY [HIDDEN-DIRECTORY...])"
        + " (started by the runtime-native plugin)");
    return 2;
}

var (stateDirectory, dataDirectory, range) = (args[0], args[1], args[2]);
FileStream only;
try
{
    // The lock outlives a crash by nothing, unlike a file that merely exists.
    only = new FileStream(Path.Combine(stateDirectory, "supervisor.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
}
catch (IOException)
{
    Detachment.Announce("busy");
    return 3;
}

using (only)
{
    Detachment.Detach(Path.Combine(stateDirectory, "supervisor.log"));
    var loop = new EventLoop();
    IContainment containment = args.Length > 3
        ? new NamespaceContainment(new IsolationSettings(args[3], args[4], args[5..]), stateDirectory, dataDirectory, loop)
        : new ProcessContainment(new AddressPool(range), loop);
    var table = new ContainerTable(dataDirectory, containment, loop, new EventHistory(TimeProvider.System), TimeProvider.System);
    table.Recover();
    if (cleaning)
    {
        await table.StopAllAsync(TimeSpan.Zero).ConfigureAwait(false);
        File.Delete(Path.Combine(stateDirectory, "supervisor.sock"));
        File.Delete(Path.Combine(stateDirectory, "supervisor.pid"));
        Detachment.Announce("clean");
        return 0;
    }

    var version = Assembly.GetExecutingAssembly().GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "";
    var hello = new HelloRecord(ProtocolVersion.Current, version, Guid.NewGuid().ToString("N"), Environment.ProcessId);
    var socketPath = Path.Combine(stateDirectory, "supervisor.sock");
    var server = new SupervisorServer(table, hello, socketPath);
    var pidFile = Path.Combine(stateDirectory, "supervisor.pid");
    File.WriteAllText(pidFile, $"{ProcessIdentity.Of(Environment.ProcessId)}\n");

    var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
    using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context =>
    {
        context.Cancel = true;
        stopped.TrySetResult();
    });
    using var hangup = PosixSignalRegistration.Create(PosixSignal.SIGHUP, context => context.Cancel = true);
    using var listener = server.Listen();
    Detachment.Announce("ready");
    SupervisorLog.Write($"supervisor {version} started");

    using var stopping = new CancellationTokenSource();
    var accepting = server.AcceptAsync(listener, stopping.Token);
    await Task.WhenAny(stopped.Task, accepting).ConfigureAwait(false);
    SupervisorLog.Write(accepting.Exception is { } failure
        ? $"no more connections can be accepted, stopping all containers: {failure.InnerException!.Message}"
        : "stopping all containers");
    await table.StopAllAsync(TimeSpan.FromSeconds(2)).ConfigureAwait(false);
    await stopping.CancelAsync().ConfigureAwait(false);
    File.Delete(socketPath);
    File.Delete(pidFile);
    SupervisorLog.Write("supervisor ended");
}

return 0;
