using Modular.Abstractions;
using Protocol = Modular.PluginProcess.Protocol;

namespace Modular.PluginProcess;

/// <summary>Trials as messages, and back.</summary>
internal static class TrialMessages
{
    public static Protocol.TriedPlugin ToMessage(PluginIdentity plugin, Trial trial) =>
        new() { Plugin = ContextMessages.ToMessage(plugin), Trial = new() { Mode = (Protocol.TrialMode)trial.Mode, Selector = trial.Selector, Share = trial.Share, Role = trial.Role } };

    public static Trial FromMessage(Protocol.Trial message) => new((TrialMode)message.Mode) { Selector = message.Selector, Share = message.Share, Role = message.Role };
}
