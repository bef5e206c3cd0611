using System.Text.Json.Nodes;

namespace Modular.Kernel.Plugins;

/// <summary>Why a trial ended.</summary>
internal sealed record TrialFailure(string Reason, string Message);

/// <summary>Passes on what the user of a candidate says of it.</summary>
internal sealed class TrialObserver(Action<JsonObject> report, Action<TrialFailure> reject) : ITrialObserver
{
    public void Report(JsonObject figures) => report(figures);

    public void Reject(string reason, string message) => reject(new TrialFailure(reason, message));
}
