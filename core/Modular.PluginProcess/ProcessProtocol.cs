namespace Modular.PluginProcess;

/// <summary>What host and child agree on before they speak gRPC; described in protos/plugin.proto.</summary>
internal static class ProcessProtocol
{
    public const int Version = 1;
    public const string SocketVariable = "MODULAR_PLUGIN_SOCKET";
    public const string VersionVariable = "MODULAR_PLUGIN_PROTOCOL";
    public const string Greeting = "modular-plugin";
}
