using Modular.Abstractions;

namespace Modular.Toolkit;

/// <summary>A controller that learns only while it runs what else it has to watch.</summary>
public interface IGrowingController : IController
{
    /// <summary>Called before each start, with what opens one more source. The informer it answers is complete, and lives until the controller stops or starts anew.</summary>
    void Attach(Func<ControllerSource, CancellationToken, ValueTask<IInformer>> open);
}
