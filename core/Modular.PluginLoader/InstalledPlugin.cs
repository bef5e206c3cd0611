namespace Modular.PluginLoader;

/// <summary>A build of a plugin on this machine, known by its manifest alone.</summary>
/// <param name="Directory">Its folder, <c>root/id/version</c>.</param>
/// <param name="Manifest">What it says of itself.</param>
public sealed record InstalledPlugin(string Directory, PluginManifest Manifest);
