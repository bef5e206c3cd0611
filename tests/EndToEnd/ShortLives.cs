[assembly: AssemblyFixture(typeof(Modular.EndToEnd.ShortLives))]

namespace Modular.EndToEnd;

/// <summary>
/// Has the runtime of all that the tests start compile code anew, for speed, later than by itself: their processes live for seconds, and it would
/// take them more time than it gives back.
/// </summary>
public sealed class ShortLives
{
    public ShortLives() => Environment.SetEnvironmentVariable("DOTNET_TC_CallCountingDelayMs", "5000");
}
