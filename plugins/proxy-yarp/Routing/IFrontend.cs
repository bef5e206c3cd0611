namespace Modular.Plugins.ProxyYarp.Routing;

/// <summary>What answers at one address and port. Disposing it stops it taking anything new.</summary>
internal interface IFrontend : IAsyncDisposable;
