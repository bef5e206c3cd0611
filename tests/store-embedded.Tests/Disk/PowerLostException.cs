namespace Modular.Plugins.StoreEmbedded.Tests;

/// <summary>The simulated machine is off; nothing reaches its disk any more.</summary>
internal sealed class PowerLostException() : Exception("the power is off");
