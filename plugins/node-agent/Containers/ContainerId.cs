namespace Modular.Plugins.NodeAgent.Containers;

/// <summary>
/// The names this agent gives in the runtime. They follow from the pod, so that a restarted agent, or one that was killed between asking and
/// hearing the answer, asks for the same thing again.
/// </summary>
internal static class ContainerId
{
    public static string Sandbox(string podUid) => podUid;

    public static string Of(string podUid, string container, int attempt) => $"{podUid}_{container}_{attempt}";
}
