namespace Modular.Plugins.NodeAgent.Pods;

/// <summary>What a pod's containers find when they start.</summary>
/// <param name="Addresses">The pod's addresses.</param>
/// <param name="Volumes">Where each volume is on this node, by its name.</param>
internal sealed record PodSetup(IReadOnlyList<string> Addresses, IReadOnlyDictionary<string, string> Volumes);
