namespace Modular.Plugins.NodeAgent.Endpoint;

/// <summary>Ends what was begun.</summary>
internal sealed class Subscription(Action end) : IDisposable
{
    public void Dispose() => end();
}
