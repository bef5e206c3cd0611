using Grpc.Core;
using Grpc.Net.Client;
using Modular.Abstractions;

namespace Modular.PluginProcess.Contracts;

/// <summary>A plugin's process as its contracts call it.</summary>
/// <param name="Self">Who it is.</param>
/// <param name="Channel">Leads to whichever process runs now.</param>
/// <param name="CallTimeout">How long a call may take.</param>
internal sealed record RemotePlugin(PluginIdentity Self, GrpcChannel Channel, TimeSpan CallTimeout)
{
    /// <summary>What a failed call is to the caller.</summary>
    public PluginProcessException Failure(Exception error) =>
        new($"the process of {Self.Id} {Self.Version} failed: {(error is RpcException call ? $"{call.StatusCode}: {call.Status.Detail}" : error.Message)}", error);

    public PluginProcessException Late() => new($"the process of {Self.Id} {Self.Version} did not answer within {CallTimeout.TotalSeconds:0.#} s");

    public PluginProcessException Wrong(string what) => new($"the process of {Self.Id} {Self.Version} {what}");
}
