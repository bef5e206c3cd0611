using Modular.Plugins.NodeAgent.Volumes;

namespace Modular.Plugins.NodeAgent.Pods;

/// <summary>What a pod's containers find when they start.</summary>
/// <param name="Addresses">The pod's addresses.</param>
/// <param name="Volumes">The volumes, by their names.</param>
internal sealed record PodSetup(IReadOnlyList<string> Addresses, IReadOnlyDictionary<string, PodVolume> Volumes);
