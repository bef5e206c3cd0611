namespace Modular.Plugins.NodeAgent.Volumes;

/// <summary>A volume can't be had yet; the message is for the user.</summary>
internal sealed class VolumeException(string message) : Exception(message);
