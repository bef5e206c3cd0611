using System.Collections.Concurrent;
using Modular.Abstractions;
using Modular.ApiMachinery;

namespace Modular.PluginProcess.Contracts;

/// <summary>What a plugin has said it cares about, as long as that holds. Thread-safe.</summary>
/// <param name="generation">The plugin's generation; its answers of another one are worth nothing.</param>
internal sealed class AdmissionInterest(long generation)
{
    private readonly ConcurrentDictionary<(GroupVersionResource Resource, string Subresource, AdmissionOperation Operation), bool> _answers = new();

    public long Generation { get; } = generation;

    /// <summary>The answer, or null if it was not asked.</summary>
    public bool? Find(GroupVersionResource resource, string subresource, AdmissionOperation operation) =>
        _answers.TryGetValue((resource, subresource, operation), out var handles) ? handles : null;

    public void Keep(GroupVersionResource resource, string subresource, AdmissionOperation operation, bool handles) =>
        _answers[(resource, subresource, operation)] = handles;
}
