namespace Modular.PluginProcess;

/// <summary>What host and child agree on beside the messages; described in protos/plugin.proto and protos/requirements.proto.</summary>
internal static class ProcessProtocol
{
    public const int Version = 1;
    public const string SocketVariable = "MODULAR_PLUGIN_SOCKET";
    public const string HttpSocketVariable = "MODULAR_PLUGIN_HTTP_SOCKET";
    public const string VersionVariable = "MODULAR_PLUGIN_PROTOCOL";
    public const string Greeting = "modular-plugin";
    public const string GenerationHeader = "modular-generation";
    public const string CandidateHeader = "modular-candidate";

    /// <summary>Where a process that serves one socket takes requests of clients.</summary>
    public static string HttpSocketOf(string socket) => Path.ChangeExtension(socket, ".http");
}
