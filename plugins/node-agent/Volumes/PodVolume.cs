namespace Modular.Plugins.NodeAgent.Volumes;

/// <summary>A volume that is ready.</summary>
/// <param name="Path">Where it is on this node.</param>
/// <param name="ReadOnly">Whether containers may only read it, whatever they say.</param>
internal sealed record PodVolume(string Path, bool ReadOnly);
