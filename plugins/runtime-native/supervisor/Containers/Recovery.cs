using Modular.RuntimeNative.Protocol;

namespace Modular.RuntimeNative.Supervisor.Containers;

/// <summary>Takes over what an earlier supervisor left: its containers' pipes are broken, so they are ended and reported as lost.</summary>
internal static class Recovery
{
    public static void Run(ContainerRecords records, IContainment containment, string bootId, TimeProvider time)
    {
        records.Load();
        foreach (var sandbox in records.Sandboxes().Where(sandbox => sandbox.Running))
        {
            if (containment.Reopen(sandbox) is var reopened && reopened != sandbox)
            {
                records.Save(reopened);
            }
        }

        var containers = records.Containers();
        containment.Recover([.. records.Sandboxes().Select(sandbox => sandbox.Id)], [.. containers.Select(container => container.Launch.Id)]);
        // A container can have been started and its supervisor killed before that was written down: its mark tells.
        var unfinished = containers.Where(container => container.Status.Phase != Phases.Exited).ToList();
        if (unfinished.Count == 0)
        {
            return;
        }

        var ids = unfinished.Select(container => container.Launch.Id).ToHashSet(StringComparer.Ordinal);
        var sessions = unfinished.Select(container => container.Status)
            .Where(status => status.BootId == bootId && status.Pid > 0 && new ProcessIdentity(status.Pid, status.StartTicks).IsAlive)
            .Select(status => status.Pid).ToHashSet();
        // Twice, because a process may fork while the first pass reads /proc.
        var killed = ProcessSweep.Kill(ids, sessions) + ProcessSweep.Kill(ids, sessions);
        SupervisorLog.Write($"{unfinished.Count} containers of an earlier supervisor did not end in good order; {killed} processes of theirs were killed");
        foreach (var container in unfinished.Where(container => container.Status.Phase == Phases.Running))
        {
            records.Save(container with
            {
                Status = container.Status with
                {
                    Phase = Phases.Exited,
                    Pid = 0,
                    FinishedAt = time.GetUtcNow(),
                    ExitCode = ExitCodes.Killed,
                    Reason = "ContainerStatusUnknown",
                    Message = "the supervisor of this container ended before it did; its exit code is not known",
                },
            });
        }
    }
}
