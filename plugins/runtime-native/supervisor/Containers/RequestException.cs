namespace Modular.RuntimeNative.Supervisor.Containers;

/// <summary>A request that can't be carried out, and the reason the user sees.</summary>
internal sealed class RequestException(string reason, string message) : Exception(message)
{
    public string Reason { get; } = reason;
}
